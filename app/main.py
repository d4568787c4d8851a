"""The pages for people: `make app`.

Source: the current published generation, and nothing else. A new one is followed by itself.
"""

import streamlit as st

from app import access
from app.published import follow, readable_generation, say_if_stale
from app.times import as_text, in_utc
from contact_scoring.publishing import current_generation

st.set_page_config(page_title="Contact scoring", page_icon="app/icon.svg", layout="wide")

access.let_in()
page = st.navigation(
    [
        st.Page(
            "active_contacts.py",
            title="Active contacts",
            icon=":material/format_list_numbered:",
            default=True,
        ),
        st.Page("contact.py", title="Contact", icon=":material/person:"),
        st.Page("accounts.py", title="Accounts", icon=":material/apartment:"),
        st.Page("rules.py", title="Rules", icon=":material/rule:"),
        st.Page("try_a_change.py", title="Try a change", icon=":material/tune:"),
        st.Page("does_it_work.py", title="Does it work?", icon=":material/fact_check:"),
        st.Page("status.py", title="Status", icon=":material/monitor_heart:"),
    ]
)


@st.fragment(run_every="10s")
def notice_new_scores() -> None:
    if current_generation() != st.session_state.generation:
        st.rerun()


follow()
with st.sidebar:
    notice_new_scores()
generation = readable_generation()
st.sidebar.caption(f"Scores of {as_text(generation.as_of)}", help=in_utc(generation.as_of))
say_if_stale(generation)
access.show_who()
page.run()
