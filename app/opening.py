"""How a contact is opened from a table of contacts: by a click on the name, or by the keyboard."""

from __future__ import annotations

from typing import Any

import pandas as pd
import streamlit as st

from app.phones import link

# pixels: the three that one calls by stand side by side on a phone
NAME, SCORE, PHONE = 150, 58, 142


def open_contact(contact_id: str) -> None:
    st.session_state.contact_to_open = contact_id


def open_clicked(contacts: pd.DataFrame) -> None:
    open_contact(contacts["contact_id"].iloc[st.session_state.clicked_contact["row"]])


def names_of(contacts: pd.DataFrame) -> pd.Series:
    """What people call each contact."""
    return contacts["full_name"].fillna(contacts["email_address"]).fillna(contacts["contact_id"])


def show_contacts(
    contacts: pd.DataFrame,
    shown: pd.DataFrame,
    title: str,
    place: str,
    column_config: dict[str, Any],
    **options: Any,
) -> None:
    """A table whose column Contact opens the contact, and a field that does the same.

    A column Phone dials; it shows the numbers as they are written.
    """
    links = {phone: link(phone) for phone in shown["Phone"].dropna()}
    written = {links[phone]: phone for phone in links}
    st.dataframe(
        shown.assign(Phone=shown["Phone"].map(links)).style.format(
            lambda address: written[str(address)], subset=["Phone"], na_rep=""
        ),
        hide_index=True,
        placeholder="–",
        alt=title,
        lazy=False,
        column_config=column_config
        | {
            "Contact": st.column_config.ButtonColumn(
                type="tertiary",
                alignment="left",
                key="clicked_contact",
                pinned=True,
                width=NAME,
                on_click=open_clicked,
                args=(contacts,),
                help="Opens the contact",
            ),
            "Score": st.column_config.NumberColumn(format="localized", width=SCORE),
            "Phone": st.column_config.LinkColumn(width=PHONE, help="Calls the number"),
        },
        **options,
    )
    labels = dict(zip(contacts["contact_id"], names_of(contacts), strict=True))
    opened = st.selectbox(
        f"Open a contact of {place}",
        labels,
        index=None,
        placeholder="Name",
        format_func=lambda contact: f"{labels[contact]} ({contact})",
    )
    if opened:
        open_contact(opened)


def go_to_opened() -> None:
    """Go to the page of the contact that was opened, if one was."""
    if contact := st.session_state.pop("contact_to_open", None):
        st.switch_page("contact.py", query_params={"contact": contact})
