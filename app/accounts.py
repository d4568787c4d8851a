"""Which companies to call: accounts by what their contacts earned in a window, the best first.

Source: marts.account_scores, and for the account that is opened marts.contact_scores.
"""

from __future__ import annotations

import pandas as pd
import streamlit as st

from app.bands import Fit, fit_beside
from app.choices import choose_score
from app.opening import go_to_opened, names_of, show_contacts
from app.published import as_of, plain, query
from app.times import as_text, time_column
from contact_scoring.warehouse import NAMED_WINDOWS

SHOWN = 100
PEOPLE_SHOWN = 500

COUNT = """
    select count(*) as accounts
    from marts.account_scores
    where score_name = $score_name and window_days = $window
"""

ACCOUNTS = """
    with accounts as (
        select *
        from marts.account_scores
        where score_name = $score_name and window_days = $window
        order by score_rank nulls last, account_id
        limit $shown offset $skipped
    )

    select
        accounts.score_rank,
        accounts.account_id,
        coalesce(accounts.account_name, accounts.account_id) as account_name,
        accounts.score,
        accounts.active_contacts,
        accounts.contacts,
        accounts.sales_ready_contacts,
        accounts.disqualified_contacts,
        coalesce(top.full_name, top.email_address, top.contact_id) as top_contact,
        accounts.last_engaged_at
    from accounts
    left join marts.contact_scores as top
        on accounts.top_contact_id = top.contact_id and accounts.score_name = top.score_name
    order by accounts.score_rank nulls last, accounts.account_id
"""

# one row, where the text is an account's id, or else its name; several where they share the name
NAMED = """
    select
        account_id,
        coalesce(account_name, account_id) as account_name,
        score::double as score,
        score_rank,
        active_contacts,
        contacts,
        sales_ready_contacts
    from marts.account_scores
    where
        score_name = $score_name and window_days = $window
        and (account_id = $named or lower(account_name) = lower($named))
    qualify account_id = $named or not bool_or(account_id = $named) over ()
    order by account_id
"""

PEOPLE = """
    select
        scores.contact_id, scores.full_name, scores.email_address, scores.owner, scores.phone,
        scores.status, scores.band, grades.grade, scores.score_{window}d as score
    from marts.contact_scores as scores
    left join marts.lead_grades as grades
        on
            scores.contact_id = grades.contact_id
            and scores.score_name = grades.score_name
            and grades.fit_score_name = $fit_score_name
    where scores.score_name = $score_name and scores.account_id = $account
    order by score desc, scores.contact_id
    limit $shown
"""

NUMBER = st.column_config.NumberColumn(format="localized")
LABELS = {
    "score_rank": "Rank",
    "account_name": "Account",
    "score": "Score",
    "active_contacts": "Active contacts",
    "contacts": "Contacts",
    "sales_ready_contacts": "Sales-ready",
    "disqualified_contacts": "Disqualified",
    "top_contact": "Top contact",
    "last_engaged_at": "Last engaged",
}


def choose_named_window() -> int:
    """The window in days, of those that accounts are ranked in."""
    windows = list(query(NAMED_WINDOWS)["days"])
    return int(
        st.select_slider(
            "Window in days",
            windows,
            value=30 if 30 in windows else windows[-1],
            key="account_window",
            persist_state="session",
            help="Points earned in so many days before the scores' instant.",
        )
    )


def open_clicked(accounts: pd.DataFrame) -> None:
    row = st.session_state.clicked_account["row"]
    st.session_state.account = accounts["account_id"].iloc[row]


def show_accounts(accounts: pd.DataFrame, title: str) -> None:
    st.dataframe(
        accounts[list(LABELS)].rename(columns=LABELS),
        hide_index=True,
        placeholder="–",
        height=400,
        key="list_of_accounts",
        alt=title,
        lazy=False,
        column_config={
            "Rank": st.column_config.NumberColumn(
                pinned=True, help="None where nobody of the account earned a point in the window"
            ),
            "Account": st.column_config.ButtonColumn(
                type="tertiary",
                alignment="left",
                key="clicked_account",
                pinned=True,
                on_click=open_clicked,
                args=(accounts,),
                help="Shows its people below",
            ),
            "Score": st.column_config.NumberColumn(
                format="localized", help="The sum of its contacts' scores, without the disqualified"
            ),
            **dict.fromkeys(("Active contacts", "Contacts", "Sales-ready", "Disqualified"), NUMBER),
            "Top contact": st.column_config.TextColumn(help="The one with the highest score"),
            "Last engaged": time_column(
                "Newest engagement that earned in 90 days", accounts["last_engaged_at"].max()
            ),
        },
    )


def show_people(account: pd.Series, score_name: str, fit: Fit | None, window: int) -> None:
    st.header(plain(account["account_name"]))
    rank = f"rank {account['score_rank']:,.0f}" if pd.notna(account["score_rank"]) else "no rank"
    st.text(
        f"{rank} · score {account['score']:,.10g} · {account['active_contacts']:,} of "
        f"{account['contacts']:,} contacts active · {account['sales_ready_contacts']:,} "
        "sales-ready"
    )
    people = query(
        PEOPLE.format(window=window),
        score_name=score_name,
        account=account["account_id"],
        fit_score_name=fit.score_name if fit else None,
        shown=PEOPLE_SHOWN,
    )
    shown = pd.DataFrame(
        {
            "Contact": names_of(people),
            "Score": people["score"],
            "Phone": people["phone"],
            "Status": people["status"],
            "Band": people["band"],
            **({"Grade": people["grade"]} if fit and fit.grades else {}),
            "Owner": people["owner"],
            "Contact id": people["contact_id"],
        }
    )
    show_contacts(people, shown, "The people of the account", "this account", column_config={})
    if len(people) == PEOPLE_SHOWN:
        st.caption(
            f"The best {PEOPLE_SHOWN}; all of them are in `marts.contact_scores`, by account_id."
        )


def show_page() -> None:
    st.title("Accounts")
    place, chosen_score, chosen_window = st.columns([2, 1, 2])
    with chosen_score:
        score_name = choose_score()
    with chosen_window:
        window = choose_named_window()
    of_window = {"score_name": score_name, "window": window}
    (count,) = query(COUNT, **of_window)["accounts"]
    if not count:
        st.info("There are no accounts: no contact has a company or an account id.")
        return
    with place:
        named = st.text_input(
            "Account", key="account", bind="query-params", placeholder="Name or id of an account"
        )
    page = st.pagination(-(-count // SHOWN), key=f"page of {score_name} {window}")
    accounts = query(ACCOUNTS, **of_window, shown=SHOWN, skipped=(page - 1) * SHOWN)
    title = f"Accounts by {score_name} in the {window} days to {as_text(as_of())}"
    show_accounts(accounts, title)

    if not named or not named.strip():
        st.caption("Click an account, or name it above, to see its people.")
        return
    found = query(NAMED, **of_window, named=named.strip())
    if found.empty:
        st.warning("No account has this id or this name.")
    elif len(found) > 1:
        ids = ", ".join(map(plain, found["account_id"]))
        st.warning(f"{len(found)} accounts have this name: {ids}. Name one of them by its id.")
    else:
        show_people(found.iloc[0], score_name, fit_beside(score_name), window)
        go_to_opened()


show_page()
