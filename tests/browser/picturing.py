"""Make docs/pages.png from the running application: a teacher's phone while a class is called, an analyst's laptop.

    .venv/bin/python -m tests.browser.picturing            # the tests' sample class, in seconds

or, with real calls and what the recogniser made of them, from a running demonstration:

    ./scripts/demo --fresh --speed 6                       # in one terminal; it prints the password
    .venv/bin/python -m tests.browser.picturing PASSWORD   # in another

Needs Chromium and fonts for Gurmukhi and Devanagari (apt-get install chromium fonts-noto-core).
"""

from __future__ import annotations

import base64
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from tests.browser.conftest import go, opened_site, sign_in
from tests.contract.browser import Tab, found, opened_browser
from tests.support import servers
from tests.web.district import PASSWORD

DEMONSTRATION = "http://127.0.0.1:8000"
PICTURE = Path(__file__).parents[2] / "docs" / "pages.png"
PHONE, LAPTOP = (360, 740), (1000, 740)
MOST_BYTES = 200_000
CALLS_TAKE_S = 240.0
# Both pictures side by side, drawn by the browser that took them.
FRAME = """<body style="margin:0;padding:16px;display:flex;gap:16px;background:#d8ddd9;width:max-content">
<img src="data:image/png;base64,%s" style="border-radius:12px"><img src="data:image/png;base64,%s"></body>"""


def main(password: str | None) -> None:
    binary = found() or sys.exit("no Chromium: apt-get install chromium")
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        url = DEMONSTRATION if password else stack.enter_context(_sample_site(folder))
        browse = stack.enter_context(opened_browser(binary, folder / "profile"))
        with browse(f"{url}/sign-in") as tab:
            phone = _teacher(tab, password or PASSWORD)
            tab.ask("Network.clearBrowserCookies")
        with browse(f"{url}/sign-in") as tab:
            laptop = _analyst(tab, url, password or PASSWORD)
            PICTURE.write_bytes(_together(tab, phone, laptop))
    size = PICTURE.stat().st_size
    sys.stdout.write(f"{PICTURE}: {size:,} bytes\n")
    if size > MOST_BYTES:
        sys.exit(f"that is more than {MOST_BYTES:,}; take fewer pixels")


@contextmanager
def _sample_site(folder: Path) -> Iterator[str]:
    with servers.redis_server(folder) as redis_url, opened_site(folder, redis_url) as site:
        yield site.url


def _teacher(tab: Tab, password: str) -> bytes:
    """Press "Call my class" and wait until phones ring and some families have heard."""
    tab.resize(*PHONE)
    sign_in(tab, "teacher", password)
    tab.run("[...document.querySelectorAll('section h2 a')].pop().click()")
    tab.until("location.pathname.includes('/classes/') && document.readyState === 'complete'")
    tab.click(".actions .main")
    tab.until("!/classes.[0-9]+$/.test(location.pathname) && document.readyState === 'complete'")
    if tab.run("location.pathname.endsWith('/call')"):
        tab.click("main form .main")
        tab.until("location.pathname.includes('/batches/') && document.readyState === 'complete'")
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


def _together(tab: Tab, phone: bytes, laptop: bytes) -> bytes:
    pictures = tuple(base64.b64encode(one).decode() for one in (phone, laptop))
    tab.ask("Page.navigate", url="about:blank")
    tab.until("location.protocol === 'about:'")
    frame = tab.ask("Page.getFrameTree")["frameTree"]["frame"]["id"]
    tab.ask("Page.setDocumentContent", frameId=frame, html=FRAME % pictures)
    tab.until("[...document.images].length === 2 && [...document.images].every(one => one.complete)")
    tab.resize(*(PHONE[0] + LAPTOP[0] + 48, PHONE[1] + 32))
    return _picture(tab)


def _picture(tab: Tab) -> bytes:
    return base64.b64decode(tab.ask("Page.captureScreenshot", format="png")["data"])


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else None)
