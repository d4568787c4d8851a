"""Who may see the pages and who may save rules: Streamlit's own OpenID Connect log-in, if it is on.

It is off by default. It is on where viewers or editors are named in the environment, or where
Streamlit's secrets.toml has a section [auth]; if only one of the two is there, nobody gets in.
"""

from __future__ import annotations

import os

import streamlit as st

VIEWERS = "CONTACT_SCORING_VIEWERS"
EDITORS = "CONTACT_SCORING_EDITORS"


def named(variable: str) -> list[str]:
    """The addresses, and domains such as @example.com, that a variable names."""
    return os.environ.get(variable, "").lower().replace(",", " ").split()


def is_configured() -> bool:
    """Whether Streamlit knows where to log in; not so where secrets.toml cannot be read."""
    return st.secrets.load_if_toml_exists() and "auth" in st.secrets


def has_login() -> bool:
    return bool(named(VIEWERS) or named(EDITORS) or is_configured())


def address() -> str | None:
    """The e-mail address of who is logged in, unless the provider says that it is not theirs."""
    if not st.user.get("is_logged_in") or st.user.get("email_verified") is False:
        return None
    email = st.user.get("email")
    return str(email).lower() if email else None


def is_among(variable: str) -> bool:
    """Whether who is logged in is named by a variable, by address or by domain."""
    who = address()
    if who is None:
        return False
    _, at, domain = who.rpartition("@")
    return who in named(variable) or at + domain in named(variable)


def may_save() -> bool:
    """Whether a person may save rules, where the pages may: without a log-in, everybody."""
    return not has_login() or is_among(EDITORS)


def let_in() -> None:
    """End this run of a page with a sentence for everybody who may not see it."""
    if not has_login():
        return
    if not is_configured():
        st.title("Nobody can log in")
        st.error(
            f"`{VIEWERS}` or `{EDITORS}` is set, so the pages need a log-in. Write it into the "
            "section `[auth]` of `.streamlit/secrets.toml`, and start the pages again."
        )
        st.stop()
    if not st.user.get("is_logged_in"):
        st.title("Contact scoring")
        st.button("Log in", on_click=st.login, type="primary", icon=":material/login:")
        st.stop()
    if not is_among(VIEWERS) and not is_among(EDITORS):
        st.title("You may not see these pages")
        st.error(
            f"You are logged in as {address() or 'somebody without a confirmed e-mail address'}, "
            f"and neither `{VIEWERS}` nor `{EDITORS}` names you. Ask whoever runs these pages."
        )
        st.button("Log out", on_click=st.logout, icon=":material/logout:")
        st.stop()


def show_who() -> None:
    """Who is logged in, and how to leave, in the sidebar."""
    if has_login():
        role = "editor" if may_save() else "viewer"
        st.sidebar.caption(f"{address()} ({role})")
        st.sidebar.button("Log out", on_click=st.logout, icon=":material/logout:")
