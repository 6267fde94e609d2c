"""What was typed and not saved is not lost without a word."""

from __future__ import annotations

from tests.browser.conftest import Browse, Site, sign_in
from tests.contract.browser import Tab

FIELD = "document.querySelector('[name^=attendance-]')"
ASKS = (
    "(() => { const leaving = new Event('beforeunload', { cancelable: true });"
    " window.dispatchEvent(leaving); return leaving.defaultPrevented })()"
)


def asks(tab: Tab) -> bool:
    return bool(tab.run(ASKS))


def test_leaving_the_class_page_asks_when_something_is_not_saved(browse: Browse, site: Site) -> None:
    with browse(f"{site.url}/sign-in?next=/teacher/classes/{site.sample.class_id}") as tab:
        sign_in(tab, "teacher")
        assert not asks(tab)
        kept = tab.run(f"{FIELD}.value")
        tab.run(f"{FIELD}.value = '51'")
        assert asks(tab)
        tab.run(f"{FIELD}.value = '{kept}'")
        assert not asks(tab)
        select = "document.querySelector('[name^=praise-]')"
        tab.run(f"{select}.selectedIndex = ({select}.selectedIndex + 1) % {select}.length")
        assert asks(tab)


def test_asking_for_a_family_neither_takes_the_enter_key_nor_loses_what_is_typed(browse: Browse, site: Site) -> None:
    with browse(f"{site.url}/sign-in?next=/teacher/classes/{site.sample.class_id}") as tab:
        sign_in(tab, "teacher")
        buttons = "[...document.getElementById('said').elements].filter(e => e.type === 'submit')"
        assert not tab.run(f"{buttons}.some(e => e.textContent.includes('Speak'))")
        tab.run(f"{FIELD}.value = '51'")
        tab.run("document.getElementById('speak').addEventListener('submit', e => e.preventDefault())")
        tab.run("document.querySelector('button[form=speak]').click()")
        assert asks(tab)
