"""How old the published scores are: `contact-scoring freshness`, for monitoring systems."""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta

from contact_scoring.publishing import Generation, current_generation, published_path

TICK = timedelta(hours=12)


def grace() -> timedelta:
    """How long after a tick its scores may still be missing: CONTACT_SCORING_GRACE_MINUTES."""
    given = os.environ.get("CONTACT_SCORING_GRACE_MINUTES", "60")
    if not given.isdigit():
        raise SystemExit(f"CONTACT_SCORING_GRACE_MINUTES: {given!r} is no number of minutes.")
    return timedelta(minutes=int(given))


def is_stale(generation: Generation, now: datetime) -> bool:
    """Whether another tick should have replaced it by now, or it is for a time to come."""
    as_of = generation.as_of.replace(tzinfo=UTC)
    return not as_of <= now <= as_of + TICK + grace()


def main() -> None:
    """Say in one line whether the scores are of the last tick. Exits non-zero where not."""
    generation = current_generation()
    if generation is None:
        print(f"Nothing is published in {published_path()}. Run `make build`.")
        raise SystemExit(1)
    now = datetime.now(UTC)
    hours = (now - generation.as_of.replace(tzinfo=UTC)).total_seconds() / 3600
    said = f"The published scores are for {generation.as_of:%Y-%m-%d %H:%M} UTC, {hours:.1f} h ago"
    if is_stale(generation, now):
        why = "Is the daemon up, and what does its last run say?"
        if generation.is_demo:
            why = "They are the demo's, which stay at that instant."
        print(f"STALE: {said}. {why}")
        raise SystemExit(1)
    print(f"OK: {said}.")
