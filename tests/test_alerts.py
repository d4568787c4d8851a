"""What is told when a run fails, and to whom."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import pytest

from contact_scoring import alerts


@contextmanager
def server(*answers: int) -> Iterator[tuple[str, list[tuple[str, Any]]]]:
    """An address, and what was sent to it: it gives these answers in turn, the last for ever."""
    asked: list[tuple[str, Any]] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            self.send_response(answers[min(len(asked), len(answers) - 1)])
            asked.append((self.path, json.loads(body)))
            self.end_headers()

        def log_message(self, *arguments: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as listening:
        Thread(target=listening.serve_forever, daemon=True).start()
        yield f"127.0.0.1:{listening.server_port}", asked
        listening.shutdown()


@pytest.fixture(autouse=True)
def _no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(alerts.RETRIES, "default_service_wait", 0)


def test_a_webhook_is_sent_the_text_and_keeps_its_own_query():
    with server(200) as (address, asked):
        alerts.send("It failed.", f"http://{address}/A/hook%20x?key=a%2Fb&empty=")
    assert asked == [("/A/hook%20x?key=a%2Fb&empty=", {"text": "It failed."})]


def test_it_is_tried_three_times():
    with server(500, 503, 200) as (address, asked):
        alerts.send("It failed.", f"http://{address}")
    assert len(asked) == 3
    with server(500) as (address, asked), pytest.raises(alerts.NotSentError):
        alerts.send("It failed.", f"http://{address}")
    assert len(asked) == 3


def test_the_addresses_are_those_of_apprise():
    with server(200) as (address, asked):
        alerts.send("It failed.", f"json://{address}")
    ((_, sent),) = asked
    assert (sent["title"], sent["message"]) == ("Contact scoring", "It failed.")


def test_who_can_be_told_is_told_and_the_error_holds_no_secret():
    with server(200) as (address, asked), pytest.raises(alerts.NotSentError) as error:
        alerts.send("It failed.", f"slack://secret http://{address} http://u:secret@127.0.0.1:9/x")
    assert asked == [("/", {"text": "It failed."})]
    assert str(error.value) == (
        "Addresses in CONTACT_SCORING_ALERT_URL: number 1 is none that Apprise knows; not every "
        "one took the message."
    )


@pytest.mark.parametrize("address", ["nonsense", "htps://example.com"])
def test_what_is_no_address_is_an_error(address: str):
    with pytest.raises(alerts.NotSentError, match="number 1 is none that Apprise knows"):
        alerts.send("It failed.", address)
