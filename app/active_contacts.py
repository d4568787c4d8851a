"""Who to call: the contacts that earned points in a window, the best first.

Source: marts.active_contacts, one row a contact of one score and window; what is beside it is
looked up for the contacts shown.
"""

from __future__ import annotations

import io
import re
from datetime import datetime, timedelta

import pandas as pd
import streamlit as st

from app.bands import Fit, bands_of, fit_beside
from app.choices import choose_score, choose_window
from app.opening import go_to_opened, names_of, show_contacts
from app.published import as_of, opened, query, shown_generation
from app.saved_views import show_saved_views
from app.times import as_day, as_text, time_column
from contact_scoring.export import write_csv

SHOWN = 100
WEEKS = 12
# hours: since the last tick, and since yesterday
NEW_WITHIN = (12, 24)
ROWS_SHOWN = 16  # of 600 pixels
NEW = "new"
NO_BAND = "(no band)"
NO_GRADE = "(no grade)"

LISTS = """
    select distinct list_id, coalesce(list_name, list_id) as list_name
    from marts.contact_list_scores
    where window_days = 1 and score_name = $score_name
    order by list_name, list_id
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

OWNERS = """
    select distinct owner
    from marts.contact_scores
    where score_name = $score_name and owner is not null
    order by owner
    limit 1000
"""

OF_WINDOW = "score_name = $score_name and window_days = $window"

CONDITIONS = {
    "band": "band is not distinct from $band",
    "company": "company_name = $company",
    "owner": "owner = $owner",
    "fit_band": """contact_id in (
        select contact_id from marts.fit_scores
        where score_name = $fit_score_name and band is not distinct from $fit_band
    )""",
    "grade": """contact_id in (
        select contact_id from marts.lead_grades
        where
            fit_score_name = $fit_score_name and score_name = $score_name
            and grade is not distinct from $grade
    )""",
    "search": """(
        contains(lower(full_name), $search)
        or contains(email_address, $search)
        or contains(lower(company_name), $search)
        or contains(lower(owner), $search)
        or contains(regexp_replace(phone, '[^0-9]', '', 'g'), $search_digits::varchar)
        or contact_id = $search_id
    )""",
    "list_id": f"""contact_id in (
        select contact_id from marts.contact_list_scores where list_id = $list_id and {OF_WINDOW}
    )""",
    "cools": """contact_id in (
        select contact_id from marts.band_forecast
        where score_name = $score_name and (score_then < score) = $cools
    )""",
    # nothing was earned in the same window so many hours ago
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
        select
            drivers.contact_id,
            arg_max(coalesce(rules.description, drivers.rule_id), (drivers.points, drivers.rule_id))
                as strongest_driver
        from drivers
        left join config.scoring_rules as rules on drivers.rule_id = rules.rule_id
        where drivers.window_days = $window
        group by drivers.contact_id
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
        earlier.contact_id is null as is_new,
        forecasts.changes_at,
        coalesce(forecasts.next_band, 'no band') as next_band
    from strongest
    inner join trends on strongest.contact_id = trends.contact_id
    left join earlier on strongest.contact_id = earlier.contact_id
    left join marts.band_forecast as forecasts
        on
            strongest.contact_id = forecasts.contact_id
            and forecasts.score_name = $score_name
            and forecasts.score_then < forecasts.score
"""

FIT_BESIDE = """
    select
        fits.contact_id,
        fits.score as fit_score,
        fits.band as fit_band,
        grades.grade
    from marts.fit_scores as fits
    left join marts.lead_grades as grades
        on
            fits.contact_id = grades.contact_id
            and fits.score_name = grades.fit_score_name
            and grades.score_name = $score_name
    where fits.score_name = $fit_score_name and fits.contact_id in {contacts}
"""

EXPORTED = "where {conditions} and score >= $minimum order by score_rank, contact_id"


def choose_one(what: str, options: list[str], key: str, further: bool = False) -> str | None:
    """The one that a filter is set to, which may be typed where there are `further` ones."""
    return st.selectbox(
        what,
        options,
        index=None,
        key=key,
        bind="query-params",
        placeholder="All",
        accept_new_options=further,
    )


def digits_of(search: str) -> str | None:
    """Those of a phone number, however it is written; none where fewer than three would do."""
    digits = re.sub(r"[\s()+/.-]", "", search)
    return digits if len(digits) > 2 and digits.isdecimal() else None


def chosen_filters(score_name: str, fit: Fit | None) -> tuple[dict[str, object], datetime]:
    """What the filters beside the page say, by the name of their condition.

    And since when somebody is new.
    """
    lists: dict[str, str] = dict(query(LISTS, score_name=score_name).itertuples(index=False))
    companies = list(query(COMPANIES, score_name=score_name)["company_name"])
    owners = list(query(OWNERS, score_name=score_name)["owner"])
    grade = fit_band = owner = None
    with st.sidebar:
        show_saved_views()
        st.header("Filters")
        search = st.text_input(
            "Search",
            type="search",
            key="search",
            # not in the address: what people look for are names, and a proxy logs addresses
            persist_state="session",
            placeholder="Name, company, phone",
            help="Also an e-mail address, an owner or a contact id; any part of it, but for the "
            "id. With a phone number, its digits.",
        )
        if owners:
            owner = choose_one("Owner", owners, "owner", further=True)
        list_id = st.selectbox(
            "List",
            lists,
            index=None,
            format_func=lists.__getitem__,
            key="list",
            bind="query-params",
            placeholder="All",
        )
        band = choose_one("Band", [*bands_of(score_name), NO_BAND], f"band of {score_name}")
        if fit and fit.grades:
            grade = choose_one("Grade", [*fit.grades, NO_GRADE], f"grade of {score_name}")
        if fit and fit.bands:
            fit_bands = [*fit.bands, NO_BAND]
            fit_band = choose_one("Fit band", fit_bands, f"band of {fit.score_name}")
        company = choose_one("Company", companies, "company", further=True)
        new_within = st.segmented_control(
            "New in the last",
            NEW_WITHIN,
            default=NEW_WITHIN[-1],
            required=True,
            key="new_within",
            bind="query-params",
            format_func="{} hours".format,
            help="New is who had earned nothing in this window so many hours ago.",
        )
        only_new = st.toggle("Only new ones", key="only_new", bind="query-params")
        only_cooling = st.toggle(
            "About to cool down",
            key="only_cooling",
            bind="query-params",
            help="Falls to a lower band within 14 days if nothing further happens.",
        )
    before = as_of() - timedelta(hours=new_within)
    filters: dict[str, object] = {}
    if search and search.strip():
        filters |= {
            "search": search.strip().lower(),
            "search_digits": digits_of(search),
            "search_id": search.strip(),
        }
    if list_id is not None:
        filters["list_id"] = list_id
    for name, chosen in (("band", band), ("grade", grade), ("fit_band", fit_band)):
        if chosen is not None:
            filters[name] = None if chosen in (NO_BAND, NO_GRADE) else chosen
    if fit and filters.keys() & {"grade", "fit_band"}:
        filters["fit_score_name"] = fit.score_name
    if company is not None:
        filters["company"] = company
    if owner is not None:
        filters["owner"] = owner
    if only_new:
        filters["before"] = before
    if only_cooling:
        filters["cools"] = True
    return filters, before


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
        bind="query-params",
        help="How many contacts reach it is said above the list.",
    )


def shown_contacts(
    conditions: str, parameters: dict[str, object], page: int, fit: Fit | None, before: datetime
) -> pd.DataFrame:
    """The contacts on one page of the list, with what is known beside the mart."""
    contacts = query(
        CONTACTS.format(conditions=conditions),
        shown=SHOWN,
        skipped=(page - 1) * SHOWN,
        **parameters,
    )
    shown = {f"contact_{number}": contact for number, contact in enumerate(contacts["contact_id"])}
    names = f"({', '.join(f'${name}' for name in shown)})"
    beside = query(
        BESIDE.format(contacts=names, weeks=[7 * week for week in range(1, WEEKS + 1)]),
        score_name=parameters["score_name"],
        window=parameters["window"],
        before=before,
        **shown,
    )
    contacts = contacts.merge(beside, on="contact_id", how="left")
    if fit is None:
        return contacts
    suits = query(
        FIT_BESIDE.format(contacts=names),
        score_name=parameters["score_name"],
        fit_score_name=fit.score_name,
        **shown,
    )
    return contacts.merge(suits, on="contact_id", how="left")


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
    # three figures of seven digits fit beside each other on a phone
    with st.container(border=True, horizontal=True, wrap=False, gap="medium"):
        st.metric("In the list", f"{distribution['contacts'].sum():,}", width="content")
        if minimum:
            st.metric(f"{minimum:,} points or more", f"{reach:,}", width="content")
        st.metric("Best score", f"{distribution['points'].max():,}", width="content")


def fit_columns(fit: Fit | None) -> dict[str, str]:
    """What the list says of fit, by its heading: nothing where no rule rates it."""
    if fit is None:
        return {}
    rated = {"Fit band": "fit_band"} if fit.bands else {"Fit score": "fit_score"}
    return ({"Grade": "grade"} if fit.grades else {}) | rated


def show_list(contacts: pd.DataFrame, fit: Fit | None, title: str) -> None:
    shown = pd.DataFrame(
        {
            "Contact": names_of(contacts),
            "Score": contacts["score"],
            "Phone": contacts["phone"],
            "Rank": contacts["score_rank"],
            "New": contacts["is_new"].map({True: [NEW], False: []}),
            "Band": contacts["band"],
            **{heading: contacts[column] for heading, column in fit_columns(fit).items()},
            "Cools down": [
                f"{as_day(time)} → {band}" if pd.notna(time) else None
                for time, band in zip(contacts["changes_at"], contacts["next_band"], strict=True)
            ],
            "Company": contacts["company_name"],
            "Address": contacts["email_address"],
            "Strongest driver": contacts["strongest_driver"],
            "Points by week": contacts["trend"],
            "Last engaged": contacts["last_engaged_at"],
            "Owner": contacts["owner"],
            "Contact id": contacts["contact_id"],
        }
    )
    show_contacts(
        contacts,
        shown,
        title,
        "this page of the list",
        height="content" if len(shown) <= ROWS_SHOWN else 600,
        # one table whose rows change: a browser would take twice as long to make another
        key="list_of_contacts",
        column_config={
            "Fit score": st.column_config.NumberColumn(format="localized"),
            "Points by week": st.column_config.LineChartColumn(
                help=f"What was earned in each of the last {WEEKS} weeks, the newest on the right"
            ),
            "Cools down": st.column_config.TextColumn(
                help="When the contact falls to a lower band, and to which, if nothing "
                "further happens within 14 days"
            ),
            "Last engaged": time_column(
                "Newest engagement that earned in 90 days", contacts["last_engaged_at"].max()
            ),
            "New": st.column_config.MultiselectColumn(
                options=[NEW],
                color="primary",
                help="Nothing was earned in this window so many hours ago as chosen",
            ),
        },
    )


def show_page() -> None:
    st.title("Active contacts")
    chosen_window, chosen_score = st.columns([3, 1])
    with chosen_score:
        score_name = choose_score()
    with chosen_window:
        window = choose_window()
    fit = fit_beside(score_name)
    filters, before = chosen_filters(score_name, fit)
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
    # another list begins with its first page; a link to a page is followed
    if st.session_state.get("list_shown", parameters) != parameters:
        st.session_state.page = 1
    st.session_state.list_shown = parameters
    place = st.container()
    page = st.pagination(-(-reach // SHOWN), key="page", bind="query-params")
    title = f"Contacts by {score_name} in the {window} days to {as_text(as_of())}"
    with place:
        show_list(shown_contacts(conditions, parameters, page, fit, before), fit, title)
    database = str(shown_generation().database)
    st.download_button(
        "Download as CSV",
        # made when it is asked for, in a thread that knows no session
        lambda: as_csv(database, conditions, parameters),
        file_name=f"active-contacts-{score_name}-{window}-days.csv",
        mime="text/csv",
        on_click="ignore",
        icon=":material/download:",
        help="All contacts of this list, on all of its pages. Times are UTC.",
    )
    go_to_opened()


show_page()
