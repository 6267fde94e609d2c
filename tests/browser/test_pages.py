"""Every page in a real browser, on a phone and on a laptop: nothing cut off, nothing too small, nothing refused."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from tests.browser.conftest import Browse, Site, go, sign_in
from tests.contract.browser import Tab

PHONE, LAPTOP = (360, 740), (1280, 800)
# Where a person wants to see the pages: SUNVAI_TEST_PICTURES=/tmp/pictures python -m pytest tests/browser
PICTURES = os.environ.get("SUNVAI_TEST_PICTURES")

# Kept from before the first line of a page is read: what the console says, and what the policy refuses.
WATCH = """
window.complaints = [];
addEventListener('error', e => complaints.push(String(e.message || e.target.outerHTML)), true);
addEventListener('unhandledrejection', e => complaints.push(String(e.reason)));
document.addEventListener('securitypolicyviolation', e => complaints.push(`${e.violatedDirective} ${e.blockedURI}`));
for (const level of ['error', 'warn']) console[level] = (...said) => complaints.push(said.join(' '));
"""
# Buttons and links that stand alone have 44 px; a link inside a sentence is as high as its line.
TOO_SMALL = """
[...document.querySelectorAll('button, .button, select, input, summary, .back a')]
  .filter(e => !['hidden', 'checkbox'].includes(e.type))
  .map(e => [e, e.getBoundingClientRect()])
  .filter(([e, box]) => box.width && (box.height < 44 || box.width < 44))
  .map(([e, box]) => `${e.outerHTML.slice(0, 80)} ${box.width}x${box.height}`)
"""
STICKING_OUT = """
[...document.querySelectorAll('body *')]
  .filter(e => e.getBoundingClientRect().right > document.documentElement.clientWidth + 1
    && !e.closest('.hidden, .skip, thead, .drawing'))
  .map(e => e.outerHTML.slice(0, 100))
"""


def pages_of(role: str, site: Site) -> list[str]:
    here = site.sample
    pages = {
        "teacher": [
            "/teacher/", f"/teacher/classes/{here.class_id}", f"/teacher/classes/{here.class_id}/list",
            f"/teacher/classes/{here.class_id}/said", f"/teacher/classes/{here.class_id}/note",
            f"/teacher/classes/{here.class_id + 1}", f"/teacher/classes/{here.class_id + 1}/call",
            f"/teacher/batches/{here.batch_id}", f"/teacher/batches/{here.batch_id}/unreached",
            f"/teacher/batches/{here.batch_id}/cancel", f"/teacher/classes/{here.class_id}/voice", "/teacher/phone",
            f"/teacher/speaking/{here.put_id}", "/nowhere", "/operator/",
        ],
        "analyst": ["/analyst/", "/analyst/?status=read", f"/analyst/suggestions/{here.suggestion_id}"],
        "leader": [
            "/leader/", f"/leader/answers/area/{here.district_id}", f"/leader/answers/school/{here.school_id}",
        ],
        "head": ["/leader/", "/leader/stop"],
        "operator": [
            "/operator/", "/operator/people", f"/operator/people/{here.colleague_id}/classes",
            "/prompts/?language=pa", "/prompts/en/apology", "/prompts/hi/inform.attendance", "/prompts/names",
            "/prompts/phone", "/trees/", "/trees/ptm?language=pa",
        ],
    }  # fmt: skip
    return pages[role]


@pytest.mark.parametrize("size", [PHONE, LAPTOP], ids=["phone", "laptop"])
def test_every_page_fits_and_complains_about_nothing(browse: Browse, site: Site, size: tuple[int, int]) -> None:
    for role in site.roles:
        with browse(f"{site.url}/sign-in") as tab:
            tab.ask("Page.enable")
            tab.ask("Page.addScriptToEvaluateOnNewDocument", source=WATCH)
            tab.resize(*size)
            go(tab, f"{site.url}/sign-in")
            _look(tab, size, "sign-in")
            sign_in(tab, role)
            for path in pages_of(role, site):
                go(tab, site.url + path)
                _look(tab, size, f"{role}{path}")
            tab.ask("Network.clearBrowserCookies")


@pytest.mark.parametrize("size", [PHONE, LAPTOP], ids=["phone", "laptop"])
def test_a_class_list_with_mistakes_shows_each_of_them(
    browse: Browse, site: Site, size: tuple[int, int], tmp_path: Path
) -> None:
    file = tmp_path / "5a.csv"
    file.write_text("Student Name,Class,Mobile No\nਹਰਮਨ,5A,98140-1234\nRavi,9Z,9.81401E+09\nMehak,5A,\n", "utf-8")
    with browse(f"{site.url}/sign-in?next=/teacher/classes/{site.sample.class_id}/list") as tab:
        tab.resize(*size)
        sign_in(tab, "teacher")
        tab.choose_file("input[type=file]", file)
        tab.click("button.main")
        tab.until("document.querySelector('.problem') && document.readyState === 'complete'")
        assert "Nothing was brought in" in tab.text(".problem")
        assert "Row 2, column C (Mobile No)" in tab.text("table")
        _fits(tab, size, "teacher/list with mistakes")


def test_an_open_form_of_a_child_fits_a_phone(browse: Browse, site: Site) -> None:
    with browse(f"{site.url}/sign-in?next=/teacher/classes/{site.sample.class_id + 1}") as tab:
        tab.resize(*PHONE)
        sign_in(tab, "teacher")
        go(tab, f"{site.url}/teacher/classes/{site.sample.class_id}")
        tab.run("document.querySelector('.children details').open = true")
        _fits(tab, PHONE, "teacher/child open")


@pytest.mark.parametrize("size", [PHONE, LAPTOP], ids=["phone", "laptop"])
def test_an_answer_is_heard_before_it_is_recorded(browse: Browse, site: Site, size: tuple[int, int]) -> None:
    page = f"/leader/answers/area/{site.sample.district_id}"
    with browse(f"{site.url}/sign-in?next={page}") as tab:
        tab.resize(*size)
        sign_in(tab, "leader")
        tab.run("document.querySelector('[name=text-pa]').value = 'ਹਰ ਜਮਾਤ ਵਿੱਚ ਨਵੇਂ ਪੱਖੇ ਲੱਗ ਗਏ ਹਨ'")
        tab.run("document.querySelector('[name=text-en]').value = '5 new fans'")
        tab.click("button[value=listen]")
        tab.until("document.querySelector('.problem') && document.readyState === 'complete'")
        assert "Write 5 in words" in tab.text("#answer")
        tab.run("document.querySelector('#answer audio').play()")
        tab.until("document.querySelector('#answer audio').currentTime > 0.2")
        _fits(tab, size, "leader/answer typed")


def test_a_new_person_is_added_and_the_password_is_shown(browse: Browse, site: Site) -> None:
    with browse(f"{site.url}/sign-in?next=/operator/people") as tab:
        tab.resize(*PHONE)
        sign_in(tab, "operator")
        tab.run("document.querySelector('details').open = true")
        for name, value in (("login", "new-operator"), ("name", "Second operator"), ("role", "operator")):
            tab.run(f"document.querySelector('details [name={name}]').value = '{value}'")
        _fits(tab, PHONE, "operator/add")
        tab.click("details button.main")
        tab.until("document.querySelector('.secret') && document.readyState === 'complete'")
        _fits(tab, PHONE, "operator/password")


def test_the_live_page_follows_the_calls_by_itself(browse: Browse, site: Site) -> None:
    from callqueue.planning import cancel_batch

    with browse(f"{site.url}/sign-in?next=/teacher/batches/{site.sample.batch_id}") as tab:
        tab.resize(*PHONE)
        sign_in(tab, "teacher")
        tab.until("document.querySelector('.badge')?.innerText === 'Calling'")
        with site.runtime.database.session() as session:
            cancel_batch(session, site.sample.batch_id, site.runtime.clock.now())
        tab.until("document.querySelector('.badge')?.innerText === 'Stopped' && document.readyState === 'complete'")
        # Its buttons go with it: nothing can be paused any more.
        assert tab.run("document.querySelectorAll('main button').length") == 0


def _look(tab: Tab, size: tuple[int, int], name: str) -> None:
    _fits(tab, size, name)
    assert tab.run("window.complaints") == [], name


def _fits(tab: Tab, size: tuple[int, int], name: str) -> None:
    _photograph(tab, size, name)
    facts: dict[str, Any] = tab.run("({wide: document.documentElement.scrollWidth, seen: innerWidth})")
    assert facts["wide"] <= facts["seen"] == size[0], (name, facts, tab.run(STICKING_OUT))
    assert tab.run(STICKING_OUT) == [], name
    assert tab.run(TOO_SMALL) == [], name


def _photograph(tab: Tab, size: tuple[int, int], name: str) -> None:
    if PICTURES:
        Path(PICTURES).mkdir(parents=True, exist_ok=True)
        tab.photograph(Path(PICTURES) / f"{size[0]}-{name.strip('/').replace('/', '_').replace('?', '_')}.png")
