"""The log-in of the pages, against an identity provider of the test's own, in a real browser."""

from __future__ import annotations

import json
import secrets
import shutil
import threading
import time
from base64 import b64decode
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from conftest import Project
from joserfc import jwt
from joserfc.jwk import RSAKey
from playwright.sync_api import Browser, Page, expect
from test_app import (
    app,
    settle,
    started_browser,  # noqa: F401 - the fixture `browser`
)
from test_try_a_change import EDITABLE, scored, to_edit, write  # noqa: F401 - a fixture

pytestmark = pytest.mark.xdist_group("app")

CLIENT, SECRET = "contact-scoring", "a secret of the test"
MARA, VIC, EVE = "mara@example.com", "Vic@sales.example.com", "eve@elsewhere.example"
ROLES = {
    "CONTACT_SCORING_EDITORS": f"someone@example.com {MARA}",
    "CONTACT_SCORING_VIEWERS": "@sales.example.com",
}


@dataclass
class Provider:
    """An OpenID Connect provider at which one person is logged in already."""

    address: str
    claims: dict[str, object]
    key: RSAKey = field(default_factory=lambda: RSAKey.generate_key(2048, {"kid": "1"}))
    nonces: dict[str, str] = field(default_factory=dict)

    def id_token(self, code: str) -> str:
        now = int(time.time())
        said = {
            "iss": self.address,
            "aud": CLIENT,
            "sub": "1",
            "iat": now,
            "exp": now + 60,
            "nonce": self.nonces.pop(code),
        }
        return jwt.encode({"alg": "RS256", "kid": "1"}, said | self.claims, self.key)


class Handler(BaseHTTPRequestHandler):
    """Discovery, authorisation, token and keys; there is no page on which to log in."""

    provider: Provider

    def do_GET(self) -> None:
        asked = urlsplit(self.path)
        address = self.provider.address
        if asked.path == "/authorize":
            given = {name: value for name, (value,) in parse_qs(asked.query).items()}
            assert given["client_id"] == CLIENT
            code = secrets.token_urlsafe()
            self.provider.nonces[code] = given["nonce"]
            back = urlencode({"code": code, "state": given["state"]})
            self.send_response(302)
            self.send_header("Location", f"{given['redirect_uri']}?{back}")
            self.end_headers()
        elif asked.path == "/keys":
            self.answer({"keys": [self.provider.key.as_dict(private=False)]})
        else:
            assert asked.path == "/.well-known/openid-configuration"
            self.answer(
                {
                    "issuer": address,
                    "authorization_endpoint": f"{address}/authorize",
                    "token_endpoint": f"{address}/token",
                    "jwks_uri": f"{address}/keys",
                    "response_types_supported": ["code"],
                    "subject_types_supported": ["public"],
                    "id_token_signing_alg_values_supported": ["RS256"],
                }
            )

    def do_POST(self) -> None:
        assert self.path == "/token"
        _, _, login = self.headers["Authorization"].partition(" ")
        assert b64decode(login).decode() == f"{CLIENT}:{SECRET}"
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        ((code,),) = (parse_qs(body)["code"],)
        token = {"access_token": "none", "token_type": "Bearer", "expires_in": 60}
        self.answer(token | {"id_token": self.provider.id_token(code)})

    def answer(self, content: object) -> None:
        body = json.dumps(content).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Nobody reads it."""


@contextmanager
def provider(**claims: object) -> Iterator[Provider]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    made = Provider(f"http://127.0.0.1:{server.server_port}", claims)
    Handler.provider = made
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield made
    finally:
        server.shutdown()
        server.server_close()


@pytest.fixture
def project(scored: Project, tmp_path: Path) -> Project:  # noqa: F811
    copy = Project(tmp_path / "a project")
    shutil.copytree(scored.path, copy.path, symlinks=True)
    return copy


def configure(project: Project, at: Provider) -> None:
    (project.path / ".streamlit" / "secrets.toml").write_text(
        f"""
[auth]
redirect_uri = "http://127.0.0.1:{{port}}/oauth2callback"
cookie_secret = "{secrets.token_urlsafe(32)}"
client_id = "{CLIENT}"
client_secret = "{SECRET}"
server_metadata_url = "{at.address}/.well-known/openid-configuration"
""",
        "utf-8",
    )


@contextmanager
def visit(browser: Browser, address: str) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 1400, "height": 1000})
    page = context.new_page()
    page.goto(address)
    settle(page)
    yield page
    context.close()


def log_in(page: Page) -> None:
    page.get_by_role("button", name="Log in").click()
    expect(page.get_by_role("button", name="Log out")).to_be_visible()
    settle(page)


def test_an_editor_saves_rules_under_the_address_of_the_log_in(
    project: Project, browser: Browser
) -> None:
    bands = project.path / "seeds" / "config" / "score_bands.csv"
    with provider(email=MARA) as at:
        configure(project, at)
        with app(project, **ROLES, **EDITABLE) as address, visit(browser, address) as page:
            # before the log-in there is no page to go to
            assert page.get_by_test_id("stSidebarNavLink").count() == 0
            log_in(page)
            expect(page.get_by_text(f"{MARA} (editor)")).to_be_visible()
            assert page.get_by_test_id("stSidebarNavLink").count() > 1
            page.get_by_role("link", name="Try a change").click()
            settle(page)
            page.get_by_role("tab", name="Bands").click()
            write(page, to_edit(page, "Bands"), 0, "min_score", "25")
            assert page.get_by_label("Your name").count() == 0
            page.get_by_label("Why do the rules change?").fill("Fewer are hot")
            page.get_by_role("button", name="Save").click()
            expect(page.get_by_text("Saved: score_bands.csv.")).to_be_visible()
            page.get_by_role("button", name="Log out").click()
            expect(page.get_by_role("button", name="Log in")).to_be_visible()
    assert "hot,25," in bands.read_text("utf-8")
    assert f" UTC, {MARA}: Fewer are hot" in bands.with_name("CHANGES.md").read_text("utf-8")


@pytest.mark.parametrize(
    "claims",
    [{"email": EVE}, {"email": MARA, "email_verified": False}, {"name": MARA}],
    ids=["a stranger", "an address that is not confirmed", "no address"],
)
def test_who_is_not_named_sees_nothing(
    project: Project, browser: Browser, claims: dict[str, object]
) -> None:
    with provider(**claims) as at:
        configure(project, at)
        with app(project, **ROLES, **EDITABLE) as address, visit(browser, address) as page:
            log_in(page)
            expect(page.get_by_text("You may not see these pages")).to_be_visible()
            assert page.get_by_test_id("stSidebarNavLink").count() == 0
            page.goto(f"{address}/contact?contact=C001")
            expect(page.get_by_text("You may not see these pages")).to_be_visible()
            assert page.get_by_text("Anna Berg").count() == 0


def test_a_viewer_sees_the_pages_and_saves_nothing(project: Project, browser: Browser) -> None:
    with provider(email=VIC, email_verified=True) as at:
        configure(project, at)
        with app(project, **ROLES, **EDITABLE) as address, visit(browser, address) as page:
            log_in(page)
            expect(page.get_by_role("heading", name="Active contacts")).to_be_visible()
            page.get_by_role("link", name="Try a change").click()
            settle(page)
            expect(page.get_by_text("Only editors save rules.")).to_be_visible()
            assert page.get_by_role("button", name="Save").count() == 0
            assert page.get_by_role("button", name="Download the edited files").count() == 1


def test_where_roles_are_named_and_no_log_in_works_nobody_gets_in(
    project: Project, browser: Browser
) -> None:
    """As after a slip in secrets.toml, which Streamlit only logs."""
    (project.path / ".streamlit" / "secrets.toml").write_text("[auth\n", "utf-8")
    with app(project, **ROLES) as address, visit(browser, address) as page:
        expect(page.get_by_role("heading", name="Nobody can log in")).to_be_visible()
        assert page.get_by_test_id("stSidebarNavLink").count() == 0
