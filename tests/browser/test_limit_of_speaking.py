"""The microphone stops at its limit, and what is sent while it runs is what was said until then."""

from __future__ import annotations

from tests.browser.conftest import Browse, Site, sign_in
from tests.contract.browser import Tab

TOLD = "document.querySelector('.told').innerText"


def opened(tab: Tab) -> None:
    sign_in(tab, "teacher")
    tab.until("document.querySelector('.speak').hidden === false")


def test_the_microphone_stops_by_itself_at_its_limit(browse: Browse, site: Site) -> None:
    with browse(f"{site.url}/sign-in?next=/teacher/classes/{site.sample.class_id}/voice") as tab:
        opened(tab)
        tab.click(".speak .start")
        tab.until(f"{TOLD}.includes('Stopped by itself')")
        assert "5.5 s are the limit. 5.5 s were recorded" in tab.run(TOLD)
        assert tab.run("document.querySelector('.speak .stop').hidden") is True
        assert tab.run("document.querySelector('[type=file]').files.length") == 1


def test_what_is_sent_while_speaking_is_what_was_said_until_then(browse: Browse, site: Site) -> None:
    with browse(f"{site.url}/sign-in?next=/teacher/classes/{site.sample.class_id}/voice") as tab:
        opened(tab)
        tab.click(".speak .start")
        tab.until(f"{TOLD}.includes('2 s')")
        tab.run("window.before = true")
        tab.click("form.taking button.main")
        tab.until("!window.before && document.readyState === 'complete'")
        assert "select a file" not in tab.text("main")
