"""Make the pictures in docs/ from a running demonstration: pages, call tree, browser phone.

    ./scripts/demo --fresh --speed 6                       # in one terminal
    .venv/bin/python -m tests.browser.picturing var/demo   # in another, before the class is called

Without a folder pages.png and tree-page.png are made from the tests' sample class, in seconds.
Needs Chromium and fonts for Gurmukhi and Devanagari (apt-get install chromium fonts-noto-core).
"""

from __future__ import annotations

import base64
import json
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from ivr.trees.load import PTM_TREE, load_tree
from ivr.trees.sampling import sampled
from tests.browser.conftest import Browse, go, opened_site, sign_in
from tests.contract.browser import Tab, found, opened_browser
from tests.support import servers
from tests.web.district import PASSWORD

DOCS = Path(__file__).parents[2] / "docs"
PHONE, LAPTOP, TALL, DESK = (360, 740), (1000, 740), (1000, 1100), (1400, 860)
MOST_BYTES = 200_000
CALLS_TAKE_S = 240.0
# Pictures side by side, drawn by the browser that took them.
FRAME = """<body style="margin:0;padding:16px;display:flex;gap:16px;background:#d8ddd9;width:max-content">%s</body>"""
PICTURE = '<img src="data:image/png;base64,%s" style="border-radius:12px">'


@dataclass(frozen=True)
class Demonstration:
    """Where a running one answers; no exchange and no number where it is only the tests' sample."""

    web: str
    password: str
    exchange: str = ""
    number: str = ""

    @classmethod
    def of(cls, folder: Path) -> Demonstration:
        facts = json.loads((folder / "demo.json").read_text("utf-8"))
        numbers = json.loads((folder / "families" / "population.json").read_text("utf-8"))["numbers"]
        host = "http://127.0.0.1"
        return cls(
            f"{host}:{facts['web_port']}", facts["password"], f"{host}:{facts['exchange_port']}", next(iter(numbers))
        )


def main(folder: Path | None) -> None:
    binary = found() or sys.exit("no Chromium: apt-get install chromium")
    with ExitStack() as stack:
        scratch = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        demo = Demonstration.of(folder) if folder else stack.enter_context(_sample_site(scratch))
        browse = stack.enter_context(opened_browser(binary, scratch / "profile"))
        _keep("tree-page.png", _tree(browse, demo))
        if demo.exchange:
            with browse(f"{demo.exchange}/phone?number={demo.number}") as phone:
                _switch_on(phone)
                pages = _pages(browse, demo, lambda: _keep("browser-phone.png", _called(phone)))
        else:
            pages = _pages(browse, demo, lambda: None)
        _keep("pages.png", pages)


@contextmanager
def _sample_site(folder: Path) -> Iterator[Demonstration]:
    with servers.redis_server(folder) as redis_url, opened_site(folder, redis_url) as site:
        with site.opened_studio() as studio:
            studio.prepare(sampled(load_tree(PTM_TREE)))
        yield Demonstration(site.url, PASSWORD)


def _keep(name: str, picture: bytes) -> None:
    (DOCS / name).write_bytes(picture)
    sys.stdout.write(f"{DOCS / name}: {len(picture):,} bytes\n")
    if len(picture) > MOST_BYTES:
        sys.exit(f"that is more than {MOST_BYTES:,}; take fewer pixels")


def _pages(browse: Browse, demo: Demonstration, meanwhile: Callable[[], None]) -> bytes:
    """Return a teacher's phone while a class is called, beside an analyst's laptop."""
    with browse(f"{demo.web}/sign-in") as tab:
        _start(tab, demo.password)
        meanwhile()
        phone = _watch(tab)
        tab.ask("Network.clearBrowserCookies")
    with browse(f"{demo.web}/sign-in") as tab:
        return _together(tab, [(PHONE, phone), (LAPTOP, _analyst(tab, demo.web, demo.password))])


def _start(tab: Tab, password: str) -> None:
    """Press "Call my class"."""
    tab.resize(*PHONE)
    sign_in(tab, "teacher", password)
    tab.run("[...document.querySelectorAll('section h2 a')].pop().click()")
    tab.until("location.pathname.includes('/classes/') && document.readyState === 'complete'")
    tab.click(".actions .main")
    tab.until("!/classes.[0-9]+$/.test(location.pathname) && document.readyState === 'complete'")
    if tab.run("location.pathname.endsWith('/call')"):
        tab.click("main form .main")
        tab.until("location.pathname.includes('/batches/') && document.readyState === 'complete'")


def _watch(tab: Tab) -> bytes:
    """Wait until phones ring and some families have heard."""
    tab.until(
        "document.querySelectorAll('.status.good').length > 2 && document.querySelectorAll('.status.now').length > 1",
        CALLS_TAKE_S,
    )
    return _picture(tab)


def _analyst(tab: Tab, url: str, password: str) -> bytes:
    """Wait until some suggestions have their words, among them a doubtful one."""
    tab.resize(*LAPTOP)
    go(tab, f"{url}/sign-in")
    sign_in(tab, "analyst", password)
    for _ in range(int(CALLS_TAKE_S)):
        if tab.run("document.querySelectorAll('li .transcript').length > 3"):
            break
        go(tab, f"{url}/analyst/")
        tab.run("new Promise(done => setTimeout(done, 1000))")
    return _picture(tab)


def _tree(browse: Browse, demo: Demonstration) -> bytes:
    """Return the week's call tree on a phone and on a laptop."""
    with browse(f"{demo.web}/sign-in") as tab:
        tab.resize(*TALL)
        sign_in(tab, "operator", demo.password)
        go(tab, f"{demo.web}/trees/ptm?language=pa")
        laptop = _picture(tab)
        tab.resize(PHONE[0], TALL[1])
        go(tab, f"{demo.web}/trees/ptm?language=pa")
        tab.run("document.querySelector('#words').scrollIntoView()")
        phone = _picture(tab)
        tab.ask("Network.clearBrowserCookies")
        return _together(tab, [(TALL, laptop), ((PHONE[0], TALL[1]), phone)])


def _switch_on(phone: Tab) -> None:
    phone.resize(*DESK)
    phone.until("!document.querySelector('#on').disabled")
    phone.click("#on")
    phone.until("document.querySelector('#phone').dataset.state === 'idle'")


def _called(phone: Tab) -> bytes:
    """Answer, say that it is the family, and hear of the child."""
    phone.until("document.querySelector('#phone').dataset.state === 'ringing'", CALLS_TAKE_S)
    phone.click("#answer")
    phone.until("document.querySelector('#tree').dataset.node === 'greeting'")
    phone.click("[data-key='1']")
    phone.until("document.querySelector('#tree').dataset.node === 'child'")
    phone.run("new Promise(done => setTimeout(done, 700))")  # the drawing glides to where the call stands
    return _picture(phone)


def _together(tab: Tab, pictures: list[tuple[tuple[int, int], bytes]]) -> bytes:
    shown = "".join(PICTURE % base64.b64encode(picture).decode() for _, picture in pictures)
    tab.ask("Page.navigate", url="about:blank")
    tab.until("location.protocol === 'about:'")
    frame = tab.ask("Page.getFrameTree")["frameTree"]["frame"]["id"]
    tab.ask("Page.setDocumentContent", frameId=frame, html=FRAME % shown)
    count = len(pictures)
    tab.until(f"[...document.images].length === {count} && [...document.images].every(one => one.complete)")
    width = sum(size[0] + 16 for size, _ in pictures) + 16
    tab.resize(width, max(size[1] for size, _ in pictures) + 32)
    return _picture(tab)


def _picture(tab: Tab) -> bytes:
    return base64.b64decode(tab.ask("Page.captureScreenshot", format="png")["data"])


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else None)
