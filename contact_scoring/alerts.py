"""Messages to people: to Slack, Teams, e-mail, a webhook and many more, by Apprise."""

from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from apprise import Apprise, AppriseAsset

# three attempts and their pauses within the minute that Dagster gives a sensor; who is redirected
# asks the new address for a page, and the message is lost
RETRIES = AppriseAsset(default_service_retry=2, default_service_wait=5, http_redirects=False)
# a webhook is sent the text alone
ONLY_TEXT = {":message": "text", ":title": "", ":version": "", ":type": "", ":attachments": ""}


class NotSentError(Exception):
    """Who was not told, without their addresses: those hold passwords."""


def send(text: str, addresses: str) -> None:
    """Send a message to each of the addresses, which stand between spaces.

    Who can be told is told. NotSentError where somebody cannot.
    """
    services, failed = Apprise(asset=RETRIES), []
    for number, address in enumerate(addresses.split(), start=1):
        if not add(services, address):
            failed.append(f"number {number} is none that Apprise knows")
    # all at once, each with its own attempts
    if services and not services.notify(title="Contact scoring", body=text):
        failed.append("not every one took the message")
    if failed:
        raise NotSentError(f"Addresses in CONTACT_SCORING_ALERT_URL: {'; '.join(failed)}.")


def add(services: Apprise, address: str) -> bool:
    """Add an address to those who are told; whether Apprise knows such."""
    return bool(services.add(address) or services.add(as_webhook(address)))


def as_webhook(address: str) -> str:
    """An http address that is no service which Apprise knows, as one that takes `{"text": …}`."""
    parts = urlsplit(address)
    own = {f"-{name}": value for name, value in parse_qsl(parts.query, keep_blank_values=True)}
    scheme = {"http": "json", "https": "jsons"}.get(parts.scheme, parts.scheme)
    return urlunsplit((scheme, parts.netloc, parts.path, urlencode(own | ONLY_TEXT), ""))
