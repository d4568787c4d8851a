"""Views of the list that somebody has named: addresses, kept by their own browser.

Nothing of them reaches the server, where a view would say whom somebody looks after.
"""

import streamlit as st

HTML = """
<ul></ul>
<form>
  <label for="name">Name for this view</label>
  <div><input id="name" required maxlength="60" autocomplete="off"><button>Save</button></div>
  <p role="status"></p>
</form>
"""

CSS = """
:host { font-family: var(--st-font); color: var(--st-text-color); font-size: 0.875rem }
ul { list-style: none; margin: 0; padding: 0 }
li, form div { display: flex; align-items: center; gap: 0.5rem }
li { justify-content: space-between }
a { color: var(--st-text-color); padding: 0.35rem 0; overflow-wrap: anywhere }
label { display: block; margin: 0.5rem 0 0.35rem }
p { margin: 0.5rem 0 0 }
input { flex: 1; min-width: 0 }
input, button {
  font: inherit; color: inherit; background: var(--st-background-color);
  border: 1px solid var(--st-border-color); border-radius: var(--st-base-radius);
  padding: 0.35rem 0.6rem;
}
button { cursor: pointer }
li button { border: none; background: none }
:is(a, input, button):focus-visible { outline: 2px solid var(--st-primary-color) }
"""

# a list of pairs, for an object has names of its own
JS = """
const KEPT = "contact-scoring: saved views"

export default function ({ parentElement }) {
  const list = parentElement.querySelector("ul")
  const form = parentElement.querySelector("form")
  const status = parentElement.querySelector("p")
  const read = () => {
    try { return JSON.parse(localStorage.getItem(KEPT)) ?? [] } catch { return [] }
  }
  const keep = (views, said) => {
    try {
      localStorage.setItem(KEPT, JSON.stringify(views))
      status.textContent = said
    } catch {
      status.textContent = "This browser keeps nothing for this page."
    }
    draw()
  }
  const line = ([name, address]) => {
    const item = document.createElement("li")
    const link = document.createElement("a")
    const remove = document.createElement("button")
    link.textContent = name
    link.href = address
    remove.textContent = "✕"
    remove.setAttribute("aria-label", `Delete the view ${name}`)
    remove.onclick = () =>
      keep(read().filter(view => view[0] !== name), `${name} is deleted.`)
    item.append(link, remove)
    return item
  }
  const draw = () => list.replaceChildren(...read().map(line))
  form.onsubmit = event => {
    event.preventDefault()
    const name = form.elements.name.value.trim()
    if (!name) return
    const others = read().filter(view => view[0] !== name)
    keep([...others, [name, location.pathname + location.search]], `${name} is saved.`)
    form.reset()
  }
  draw()
}
"""

saved_views = st.components.v2.component("saved_views", html=HTML, css=CSS, js=JS)


def show_saved_views() -> None:
    with st.expander("Saved views", icon=":material/bookmark:"):
        saved_views(key="saved_views")
        st.caption("Kept by this browser. A view is all that the address says, not the search.")
