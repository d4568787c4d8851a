"""Who to call: the contacts that earned points in a window, the best first.

Source: marts.active_contacts, one row a contact of one score and window; what is beside it is
looked up for the contacts shown.
"""

from __future__ import annotations

import io

import pandas as pd
import streamlit as st

from app.choices import choose_score, choose_window
from app.published import as_of, as_text, opened, query, shown_generation
from contact_scoring.export import write_csv
from contact_scoring.freshness import TICK

SHOWN = 100
WEEKS = 12
NO_BAND = "(no band)"

LISTS = """
    select distinct list_id, coalesce(list_name, list_id) as list_name
    from marts.contact_list_scores
    where window_days = 1 and score_name = $score_name
    order by list_name, list_id
"""

BANDS = """
    select band from config.score_bands
    where score_name = $score_name
    order by min_score desc
"""

# further ones can be typed
COMPANIES = """
    select company_name
    from marts.contact_scores
    where score_name = $score_name and company_name is not null and status = 'active'
    group by company_name
    order by count(*) desc, company_name
    limit 1000
"""

OF_WINDOW = "score_name = $score_name and window_days = $window"

CONDITIONS = {
    "band": "band is not distinct from $band",
    "company": "company_name = $company",
    "search": """(
        contains(lower(full_name), $search)
        or contains(email_address, $search)
        or contact_id = $search_id
    )""",
    "list_id": f"""contact_id in (
        select contact_id from marts.contact_list_scores where list_id = $list_id and {OF_WINDOW}
    )""",
    # nothing was earned in the same window one tick ago
    "before": """contact_id not in (
        select contact_id from marts.points_ledger
        where
            earns and score_name = $score_name
            and occurred_at >= $before - to_days($window) and occurred_at < $before
    )""",
}

# by whole points, for the threshold moves by them
DISTRIBUTION = """
    select floor(score)::integer as points, count(*) as contacts
    from marts.active_contacts
    where {conditions}
    group by points
    order by points
"""

CONTACTS = """
    select
        score_rank, contact_id, full_name, company_name, score, band, last_engaged_at,
        times_earned, owner, phone, email_address
    from marts.active_contacts
    where {conditions} and score >= $minimum
    order by score_rank, contact_id
    limit $shown offset $skipped
"""

# a score over 7, 14, … days, of which each less the one before is a week's points
BESIDE = """
    with drivers as (
        select contact_id, window_days, rule_id, points
        from marts.score_drivers
        where
            score_name = $score_name
            and (window_days = $window or window_days in {weeks})
            and contact_id in {contacts}
    ),

    strongest as (
        select contact_id, arg_max(rule_id, (points, rule_id)) as strongest_driver
        from drivers
        where window_days = $window
        group by contact_id
    ),

    weeks as (
        select
            strongest.contact_id,
            windows.window_days,
            coalesce(sum(drivers.points), 0) as score
        from strongest
        cross join (select unnest({weeks}) as window_days) as windows
        left join drivers
            on strongest.contact_id = drivers.contact_id
            and windows.window_days = drivers.window_days
        group by strongest.contact_id, windows.window_days
    ),

    by_week as (
        select
            contact_id,
            window_days,
            score - coalesce(
                lag(score) over (partition by contact_id order by window_days), 0
            ) as points
        from weeks
    ),

    trends as (
        select contact_id, list(points::double order by window_days desc) as trend
        from by_week
        group by contact_id
    ),

    earlier as (
        select distinct contact_id
        from marts.points_ledger
        where
            earns and score_name = $score_name
            and occurred_at >= $before - to_days($window) and occurred_at < $before
            and contact_id in {contacts}
    )

    select
        strongest.contact_id,
        strongest.strongest_driver,
        trends.trend,
        earlier.contact_id is null as is_new
    from strongest
    inner join trends on strongest.contact_id = trends.contact_id
    left join earlier on strongest.contact_id = earlier.contact_id
"""

EXPORTED = "where {conditions} and score >= $minimum order by score_rank, contact_id"


def chosen_filters(score_name: str) -> dict[str, object]:
    """What the filters beside the page say, by the name of their condition."""
    lists: dict[str, str] = dict(query(LISTS, score_name=score_name).itertuples(index=False))
    bands = [*query(BANDS, score_name=score_name)["band"], NO_BAND]
    companies = list(query(COMPANIES, score_name=score_name)["company_name"])
    with st.sidebar:
        st.subheader("Filters")
        search = st.text_input(
            "Search",
            type="search",
            key="search",
            persist_state="session",
            placeholder="Name, address or contact id",
        )
        list_id = st.selectbox(
            "List",
            lists,
            index=None,
            format_func=lists.__getitem__,
            key="list",
            persist_state="session",
            placeholder="All",
        )
        band = st.selectbox(
            "Band",
            bands,
            index=None,
            key=f"band of {score_name}",
            persist_state="session",
            placeholder="All",
        )
        company = st.selectbox(
            "Company",
            companies,
            index=None,
            key="company",
            placeholder="All",
            persist_state="session",
            accept_new_options=True,
        )
        only_new = st.toggle(
            "New since the last tick",
            key="only_new",
            persist_state="session",
            help="Nothing was earned in this window 12 hours ago.",
        )
    filters: dict[str, object] = {}
    if search and search.strip():
        filters |= {"search": search.strip().lower(), "search_id": search.strip()}
    if list_id is not None:
        filters["list_id"] = list_id
    if band is not None:
        filters["band"] = None if band == NO_BAND else band
    if company is not None:
        filters["company"] = company
    if only_new:
        filters["before"] = as_of() - TICK
    return filters


def conditions_of(filters: dict[str, object]) -> str:
    return " and ".join([OF_WINDOW, *(CONDITIONS[name] for name in filters if name in CONDITIONS)])


def choose_minimum(distribution: pd.DataFrame, place: str) -> int:
    """The score from which on a contact is worth a call."""
    lowest, highest = int(distribution["points"].min()), int(distribution["points"].max())
    lowest = min(lowest, 0)
    if highest <= lowest:
        highest = lowest + 1
    return st.slider(
        "Minimum score",
        lowest,
        highest,
        lowest,
        key=f"minimum of {place}",
        persist_state="session",
        help="How many contacts reach it is said above the list.",
    )


def shown_contacts(conditions: str, parameters: dict[str, object], page: int) -> pd.DataFrame:
    """The contacts on one page of the list, with what is known beside the mart."""
    contacts = query(
        CONTACTS.format(conditions=conditions),
        shown=SHOWN,
        skipped=(page - 1) * SHOWN,
        **parameters,
    )
    names = [f"$contact_{number}" for number in range(len(contacts))]
    beside = query(
        BESIDE.format(
            contacts=f"({', '.join(names)})", weeks=[7 * week for week in range(1, WEEKS + 1)]
        ),
        score_name=parameters["score_name"],
        window=parameters["window"],
        before=as_of() - TICK,
        **{name[1:]: contact for name, contact in zip(names, contacts["contact_id"], strict=True)},
    )
    return contacts.merge(beside, on="contact_id", how="left")


def as_csv(database: str, conditions: str, parameters: dict[str, object]) -> bytes:
    """All contacts of the list, also those on its other pages, as CSV."""
    file = io.StringIO()
    with opened(database).cursor() as connection:
        write_csv(
            connection, "active_contacts", file, EXPORTED.format(conditions=conditions), parameters
        )
    return file.getvalue().encode()


def say_that_nobody_is_here(window: int, filters: dict[str, object]) -> None:
    if filters:
        st.info(
            "No contact passes all of these filters. Take one of them away, or widen the window."
        )
    else:
        st.info(
            f"Nobody earned a point in the {window} days to {as_text(as_of())}. Widen the window; "
            "if it stays empty, the page Rules says which rules never matched an event."
        )


def show_numbers(distribution: pd.DataFrame, minimum: int, reach: int) -> None:
    active, to_call, sales = st.columns(3)
    active.metric("Contacts in this list", f"{distribution['contacts'].sum():,}", border=True)
    to_call.metric(f"Who to call: {minimum:,} points or more", f"{reach:,}", border=True)
    best = distribution["points"].max()
    sales.metric("Highest score", f"{best:,}", border=True)


def open_contact(contact_id: str) -> None:
    st.session_state.contact_to_open = contact_id


def open_clicked(contacts: pd.DataFrame) -> None:
    open_contact(contacts["contact_id"].iloc[st.session_state.clicked_contact["row"]])


def show_list(contacts: pd.DataFrame, title: str) -> None:
    names = contacts["full_name"].fillna(contacts["email_address"]).fillna(contacts["contact_id"])
    shown = pd.DataFrame(
        {
            "Rank": contacts["score_rank"],
            "Contact": names,
            "Company": contacts["company_name"],
            "Score": contacts["score"],
            "Band": contacts["band"],
            "Points by week": contacts["trend"],
            "Strongest driver": contacts["strongest_driver"],
            "Last engaged": contacts["last_engaged_at"],
            "New": contacts["is_new"],
            "Owner": contacts["owner"],
            "Phone": contacts["phone"],
            "Address": contacts["email_address"],
            "Contact id": contacts["contact_id"],
        }
    )
    st.dataframe(
        shown,
        hide_index=True,
        placeholder="–",
        height=600,
        # one table whose rows change: a browser would take twice as long to make another
        key="list_of_contacts",
        alt=title,
        lazy=False,
        column_config={
            "Rank": st.column_config.NumberColumn(pinned=True),
            "Contact": st.column_config.ButtonColumn(
                type="tertiary",
                alignment="left",
                key="clicked_contact",
                pinned=True,
                on_click=open_clicked,
                args=(contacts,),
                help="Opens the contact",
            ),
            "Score": st.column_config.NumberColumn(format="localized"),
            "Points by week": st.column_config.LineChartColumn(
                help=f"What was earned in each of the last {WEEKS} weeks, the newest on the right"
            ),
            "Last engaged": st.column_config.DatetimeColumn(
                format="YYYY-MM-DD HH:mm", help="Newest engagement that earned in 90 days, in UTC"
            ),
            "New": st.column_config.CheckboxColumn(
                help="Nothing was earned in this window 12 hours ago"
            ),
        },
    )
    labels = dict(zip(contacts["contact_id"], names, strict=True))
    opened = st.selectbox(
        "Open a contact of this page of the list",
        labels,
        index=None,
        placeholder="Name",
        format_func=lambda contact: f"{labels[contact]} ({contact})",
    )
    if opened:
        open_contact(opened)


def show_page() -> None:
    st.title("Active contacts")
    chosen_window, chosen_score = st.columns([3, 1])
    with chosen_score:
        score_name = choose_score()
    with chosen_window:
        window = choose_window()
    filters = chosen_filters(score_name)
    conditions = conditions_of(filters)
    parameters = {"score_name": score_name, "window": window} | filters

    distribution = query(DISTRIBUTION.format(conditions=conditions), **parameters)
    if distribution.empty:
        say_that_nobody_is_here(window, filters)
        return
    minimum = choose_minimum(distribution, f"{score_name} {window}")
    reach = int(distribution.loc[distribution["points"] >= minimum, "contacts"].sum())
    show_numbers(distribution, minimum, reach)
    if not reach:
        st.info("Nobody in this list has so many points. Move the minimum score to the left.")
        return
    parameters["minimum"] = minimum
    pages, download = st.columns([3, 1], vertical_alignment="bottom")
    with pages:
        page = st.pagination(
            -(-reach // SHOWN), key=f"page of {sorted(parameters.items(), key=str)}"
        )
    title = f"Contacts by {score_name} in the {window} days to {as_text(as_of())}"
    show_list(shown_contacts(conditions, parameters, page), title)
    database = str(shown_generation().database)
    download.download_button(
        "Download as CSV",
        # made when it is asked for, in a thread that knows no session
        lambda: as_csv(database, conditions, parameters),
        file_name=f"active-contacts-{score_name}-{window}-days.csv",
        mime="text/csv",
        on_click="ignore",
        icon=":material/download:",
        help="All contacts of this list, on all of its pages",
    )
    if contact := st.session_state.pop("contact_to_open", None):
        st.switch_page("contact.py", query_params={"contact": contact})


show_page()
