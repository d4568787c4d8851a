"""What is told when a run fails, and to whom."""

import pytest
from webhook import Asked, server

from contact_scoring import alerts


@pytest.fixture(autouse=True)
def _no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(alerts.RETRIES, "default_service_wait", 0)


def test_a_webhook_is_sent_the_text_and_keeps_its_own_query():
    with server(200) as (address, asked):
        alerts.send("It failed.", f"http://{address}/A/hook%20x?key=a%2Fb&empty=")
    assert asked == [Asked("/A/hook%20x?key=a%2Fb&empty=", {"text": "It failed."})]


def test_it_is_tried_three_times():
    with server(500, 503, 200) as (address, asked):
        alerts.send("It failed.", f"http://{address}")
    assert len(asked) == 3
    with server(500) as (address, asked), pytest.raises(alerts.NotSentError):
        alerts.send("It failed.", f"http://{address}")
    assert len(asked) == 3


def test_who_redirects_did_not_take_it():
    with server(302) as (address, asked), pytest.raises(alerts.NotSentError):
        alerts.send("It failed.", f"http://{address}")
    assert len(asked) == 3


def test_the_addresses_are_those_of_apprise():
    with server(200) as (address, asked):
        alerts.send("It failed.", f"json://{address}")
    ((_, sent, _),) = asked
    assert (sent["title"], sent["message"]) == ("Contact scoring", "It failed.")


def test_who_can_be_told_is_told_and_the_error_holds_no_secret():
    with server(200) as (address, asked), pytest.raises(alerts.NotSentError) as error:
        alerts.send("It failed.", f"slack://secret http://{address} http://u:secret@127.0.0.1:9/x")
    assert asked == [Asked("/", {"text": "It failed."})]
    assert str(error.value) == (
        "Addresses in CONTACT_SCORING_ALERT_URL: number 1 is none that Apprise knows; not every "
        "one took the message."
    )


@pytest.mark.parametrize("address", ["nonsense", "htps://example.com"])
def test_what_is_no_address_is_an_error(address: str):
    with pytest.raises(alerts.NotSentError, match="number 1 is none that Apprise knows"):
        alerts.send("It failed.", address)
