"""The browser phone in a real browser: a person answers, presses, speaks, rejects, calls in."""

from __future__ import annotations

import wave
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import requests

from carrier.contract import Dial
from carrier.plivo.client import PlivoCarrier
from tests.contract.browser import Tab, found, opened_browser
from tests.contract.customer import Customer
from tests.contract.exchange import AUTH_ID, AUTH_TOKEN, PATIENT, SCHOOL, OpenExchange, opened_exchange
from tests.unit.exchange.sounds import tone, wav, write_tone

SPEED = 4.0  # a browser hears in real time; at four times the pace its keys and its voice still find their place
PHONE_WIDTH = 360

Browse = Callable[[str], AbstractContextManager[Tab]]


@pytest.fixture(scope="module")
def browse(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browse]:
    binary = found()
    if binary is None:
        pytest.skip("no Chromium: the browser phone is not tried (apt-get install chromium)")
    with opened_browser(binary, tmp_path_factory.mktemp("profile")) as browse:
        yield browse


TREE = """<svg xmlns="http://www.w3.org/2000/svg" width="900" height="1200">
<g class="node menu" data-node="ask"><path d="M10 10H90V40H10Z" fill="#ffffff"/><text x="20" y="30">ask</text></g>
<g class="node record" data-node="listen"><path d="M700 1100H890V1140H700Z" fill="#ffffff"/></g></svg>"""


@pytest.fixture
def exchange(tmp_path: Path, customer: Customer) -> Iterator[OpenExchange]:
    trees = tmp_path / "trees"
    trees.mkdir()
    (trees / "small.svg").write_text(TREE, "utf-8")
    urls: dict[str, Any] = {
        "inbound_answer_url": f"{customer.url}/inbound",
        "inbound_hangup_url": f"{customer.url}/hangup",
        "trees": trees,
    }
    with opened_exchange(tmp_path / "exchange", {}, speed=SPEED, **urls) as exchange:
        yield exchange


@pytest.fixture
def phone(browse: Browse, exchange: OpenExchange) -> Iterator[Tab]:
    """A phone that is on."""
    with browse(f"{exchange.url}/phone?number={PATIENT}") as tab:
        tab.resize(PHONE_WIDTH, 740)
        tab.until("!document.querySelector('#on').disabled")
        tab.click("#on")
        until_state(tab, "idle")
        yield tab


@pytest.fixture
def carrier(exchange: OpenExchange) -> PlivoCarrier:
    return PlivoCarrier(AUTH_ID, AUTH_TOKEN, api_url=exchange.url)


def until_state(phone: Tab, state: str) -> None:
    phone.until(f"document.querySelector('#phone').dataset.state === '{state}'")


def until_words(phone: Tab, words: str) -> None:
    phone.until(f"document.querySelector('#state').innerText === '{words}'")


def said(exchange: OpenExchange) -> tuple[float, bool]:
    """Return how long the one recording is, and whether a voice is in it."""
    (kept,) = exchange.until("recording")
    with wave.open(str(exchange.journal.parent / kept["file"])) as file:
        samples = np.frombuffer(file.readframes(file.getnframes()), dtype="<i2")
    return kept["duration_ms"] / 1000, bool((np.abs(samples.astype(np.int32)) > 500).mean() > 0.01)


def a_call_that_listens(customer: Customer) -> None:
    customer.sounds["hello.wav"] = wav(tone(2.0))
    menu = f'<GetDigits action="{customer.url}/listen" numDigits="1" timeout="20"><Play>{customer.url}/hello.wav</Play>'
    record = f'<Record action="{customer.url}/bye" callbackUrl="{customer.url}/ready" timeout="4" maxLength="30"'
    customer.documents |= {
        "answer": f"{menu}</GetDigits>",
        "inbound": f"{menu}</GetDigits>",
        "listen": f'{record} recordChannelType="mono"/>',
        "bye": "<Hangup/>",
    }


def test_a_person_answers_presses_a_key_and_says_a_file(
    phone: Tab, carrier: PlivoCarrier, dial: Dial, customer: Customer, exchange: OpenExchange, tmp_path: Path
) -> None:
    a_call_that_listens(customer)
    carrier.place(dial)
    until_state(phone, "ringing")
    assert phone.text("#shown") == f"+{SCHOOL}"
    phone.click("#answer")
    until_words(phone, "Press a key")
    assert "<GetDigits" in phone.text("#xml")
    assert f"{customer.url}/hello.wav" in phone.text("#xml")
    phone.click("[data-key='1']")
    until_words(phone, "Speak now")
    phone.choose_file("#file", write_tone(tmp_path / "said.wav", 3.0))
    until_words(phone, "The call is over")
    length_s, has_voice = said(exchange)
    assert has_voice
    assert length_s > 3 + 4 - 0.1
    assert customer.got("listen")[0]["Digits"] == "1"
    phone.until("document.querySelectorAll('#webhooks li').length === 6")
    shown = [line.split()[0] for line in phone.text("#webhooks").splitlines()]
    assert sorted(shown) == ["action", "action", "answer", "hangup", "record", "ring"]
    assert "4000 Normal Hangup" in phone.text("#clock")


def test_the_microphone_is_recorded(
    phone: Tab, carrier: PlivoCarrier, dial: Dial, customer: Customer, exchange: OpenExchange
) -> None:
    a_call_that_listens(customer)
    record = customer.documents["listen"].replace('timeout="4"', 'timeout="120"')
    customer.documents["answer"] = record.replace('maxLength="30"', 'maxLength="120"')
    carrier.place(dial)
    until_state(phone, "ringing")
    phone.click("#answer")
    until_words(phone, "Speak now")
    phone.click("#microphone")
    phone.until("document.querySelector('#microphone').getAttribute('aria-pressed') === 'true'")
    phone.until("performance.getEntriesByType('resource').filter(one => one.name.endsWith('/voice')).length >= 8")
    phone.click("[data-key='#']")
    until_words(phone, "The call is over")
    assert said(exchange)[1]
    assert phone.run("document.querySelector('#microphone').getAttribute('aria-pressed')") == "false"


@pytest.mark.parametrize(("button", "code"), [("#reject", "3020"), ("#hang_up", "4000")])
def test_a_person_rejects_or_hangs_up(
    phone: Tab, carrier: PlivoCarrier, dial: Dial, customer: Customer, exchange: OpenExchange, button: str, code: str
) -> None:
    customer.documents["answer"] = '<Wait length="600"/>'
    carrier.place(dial)
    until_state(phone, "ringing")
    if button == "#hang_up":
        phone.click("#answer")
        until_words(phone, "In a call")
    phone.click(button)
    until_words(phone, "The call is over")
    assert exchange.until("ended")[0]["code"] == int(code)


def test_a_person_calls_in(phone: Tab, customer: Customer, exchange: OpenExchange) -> None:
    a_call_that_listens(customer)
    assert phone.run("document.querySelector('#called').value") == SCHOOL
    phone.click("#dial button")
    until_words(phone, "Press a key")
    phone.click("[data-key='*']")
    exchange.until("recording", within_s=20)
    assert customer.got("listen")[0]["Digits"] == "*"
    assert customer.got("inbound")[0]["Direction"] == "inbound"


def lit(phone: Tab, state: str) -> list[str]:
    return list(phone.run(f"[...document.querySelectorAll('#tree .{state}')].map(one => one.dataset.node)"))


def test_the_tree_is_lit_where_the_call_stands(
    phone: Tab, carrier: PlivoCarrier, dial: Dial, customer: Customer, exchange: OpenExchange
) -> None:
    a_call_that_listens(customer)
    customer.nodes |= {"answer": "small/ask", "listen": "small/listen"}
    assert phone.run("document.querySelector('#tree').hidden") is True
    carrier.place(dial)
    until_state(phone, "ringing")
    phone.click("#answer")
    phone.until("document.querySelector('#tree').dataset.node === 'ask'")
    assert lit(phone, "here") == ["ask"]
    assert phone.text("#tree .where") == "small: ask"
    until_words(phone, "Press a key")
    phone.click("[data-key='1']")
    phone.until("document.querySelector('#tree').dataset.node === 'listen'")
    assert (lit(phone, "here"), lit(phone, "been")) == (["listen"], ["ask"])
    fill = "getComputedStyle(document.querySelector('#tree .here path')).fill"
    assert phone.run(fill) == "rgb(255, 211, 77)", "lit by the page's own sheet"
    in_sight = """(() => {
      const spot = document.querySelector('#tree .here').getBoundingClientRect();
      const frame = document.querySelector('#tree .drawing').getBoundingClientRect();
      return spot.top >= frame.top && spot.bottom <= frame.bottom
        && spot.left >= frame.left && spot.right <= frame.right;
    })()"""
    phone.until(in_sight)
    assert phone.run("document.documentElement.scrollWidth") <= PHONE_WIDTH
    phone.click("#hang_up")
    until_words(phone, "The call is over")
    carrier.place(dial)
    until_state(phone, "ringing")
    assert (lit(phone, "here"), lit(phone, "been")) == ([], []), "a new call begins with nothing lit"


def test_a_tree_that_nobody_drew_is_told_in_words(
    phone: Tab, carrier: PlivoCarrier, dial: Dial, customer: Customer
) -> None:
    customer.documents["answer"] = '<Wait length="600"/>'
    customer.nodes["answer"] = "unknown/<b>here</b>"
    carrier.place(dial)
    until_state(phone, "ringing")
    phone.click("#answer")
    phone.until("document.querySelector('#tree .where').textContent === 'unknown/<b>here</b>'")
    assert phone.run("document.querySelectorAll('#tree b').length") == 0
    assert phone.run("document.querySelector('#tree').hidden") is False


def test_drawings_are_files_of_one_folder(exchange: OpenExchange) -> None:
    answer = requests.get(f"{exchange.url}/phone/trees/small.svg", timeout=5)
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "image/svg+xml; charset=utf-8")
    for name in ("other", "..%2Fjournal", "%2Fetc%2Fpasswd"):
        assert requests.get(f"{exchange.url}/phone/trees/{name}.svg", timeout=5).status_code == 404


def test_the_page_fits_a_phone_and_every_control_has_a_name(phone: Tab) -> None:
    assert phone.run("document.documentElement.scrollWidth") <= PHONE_WIDTH
    unnamed = "[...document.querySelectorAll('button, input')].filter(one => !(one.innerText || one.labels?.length))"
    assert phone.run(f"{unnamed}.length") == 0


def test_a_page_of_somebody_else_cannot_use_a_phone(phone: Tab, exchange: OpenExchange) -> None:
    for deed in ("answer", "hang_up", "key/1", "voice", f"call/{SCHOOL}"):
        assert requests.post(f"{exchange.url}/phone/{PATIENT}/{deed}", timeout=5).status_code == 403


def test_a_phone_that_nobody_holds_is_said_so(exchange: OpenExchange) -> None:
    answer = requests.post(f"{exchange.url}/phone/919800000000/answer", headers={"X-Phone": "1"}, timeout=5)
    assert (answer.status_code, answer.json()["error"]) == (404, "nobody holds this phone; open its page")
