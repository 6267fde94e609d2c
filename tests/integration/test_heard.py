"""One whole ordinary call in each language, as it sounds at the parent's ear; and the apology when we are away.

The sound is kept, to be listened to: in $SUNVAI_ARTEFACTS, else in var/heard.
"""

from __future__ import annotations

import functools
import json
import os
import shutil
import socket
import threading
import wave
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import asdict
from datetime import datetime
from http.server import BaseHTTPRequestHandler, SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import ClassVar

import numpy as np
import pytest

from carrier.exchange.hearing import Hearing, Loudness, measure, tell_hearings
from carrier.exchange.journal import Entry, read_journal
from carrier.exchange.population import Behaviour, Speech
from ivr.trees.model import LANGUAGES, Say
from ivr.trees.script import parse_script
from ivr.trees.timing import PULSE_S, script_s
from ivr.voice.static_apology import write_apology
from tests.callflow.stage import OUR_NUMBER, Stage
from tests.conftest import ROOT
from tests.contract.exchange import OpenExchange
from tests.integration.heard import PARENT_SPEAKS_S, House, opened_house, opened_line, silences
from tests.unit.exchange.sounds import write_tone

KEPT = Path(os.environ.get("SUNVAI_ARTEFACTS", ROOT / "var" / "heard"))
MOST_SILENCE_S = 0.3


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory, redis_url: str) -> Iterator[House]:
    with opened_house(tmp_path_factory.mktemp("house"), redis_url) as house:
        yield house


def keep(heard: Path, language: str, hearing: Hearing, loudness: Loudness) -> None:
    """Keep the sound of a call, and what was measured of it, for whoever wants to listen."""
    KEPT.mkdir(parents=True, exist_ok=True)
    shutil.copy(heard, KEPT / f"ordinary-call-{language}.wav")
    figures = {"talk_s": hearing.talk_s, "longest_gap_s": hearing.longest_gap_s, **asdict(loudness)}
    (KEPT / f"ordinary-call-{language}.json").write_text(json.dumps(figures), "utf-8")


def left_channel(path: Path) -> np.ndarray[tuple[int], np.dtype[np.int16]]:
    with wave.open(str(path)) as file:
        return np.frombuffer(file.readframes(file.getnframes()), dtype="<i2").reshape(-1, file.getnchannels())[:, 0]


def spoken_runs(story: list[Entry]) -> list[tuple[float, float]]:
    """Return when we were to be heard, from the answer: clips behind each other until somebody has to do something."""
    answered_at = next(datetime.fromisoformat(entry["at"]) for entry in story if entry["event"] == "answered")
    runs: list[list[float]] = []
    waits = True
    for entry in story:
        at_s = (datetime.fromisoformat(entry["at"]) - answered_at).total_seconds()
        if entry["event"] == "played":
            if waits:
                runs.append([at_s, at_s])
            runs[-1][1] = at_s + (entry.get("seconds") or 0)
            waits = False
        elif entry["event"] in ("key", "recording", "no_input"):
            if not waits:
                runs[-1][1] = min(runs[-1][1], at_s)  # a key cuts what is being said
            waits = True
    return [(begin, end) for begin, end in runs]


@pytest.mark.parametrize("language", LANGUAGES)
def test_an_ordinary_call_is_heard_whole_in_a_paid_minute_without_a_hole(
    house: House, tmp_path: Path, language: str
) -> None:
    phone = house.typical_family(language)
    speech = Speech(write_tone(tmp_path / "said.wav", PARENT_SPEAKS_S), "what a parent says")
    parent = house.typical_parent(phone, speech)
    with opened_line(tmp_path / "exchange", {phone.msisdn: (parent,)}) as (exchange, carrier):
        carrier.place(house.dial_to(phone))
        (ended,) = exchange.until("ended", within_s=60)
        exchange.until("recording")
    story = [entry for entry in read_journal(exchange.journal) if entry.get("call") == ended["call"]]
    heard = exchange.journal.parent / "calls" / ended["call"] / "heard.wav"
    (hearing,) = tell_hearings(read_journal(exchange.journal))
    loudness = measure(heard)
    keep(heard, language, hearing, loudness)

    assert phone.row().reach == "recorded"
    assert ended["code"] == 4000
    reckoned_s = script_s(house.stage.tree, phone.facts, parse_script(house.stage.tree.typical), house.seconds)
    assert hearing.talk_s <= PULSE_S
    assert hearing.talk_s == pytest.approx(reckoned_s, abs=1.5), "the linter reckons what is heard"
    assert hearing.longest_gap_s <= MOST_SILENCE_S, hearing.gaps
    holes = [
        (round(begin, 2), round(end, 2))
        for begin, end in silences(left_channel(heard))
        for run_begin, run_end in spoken_runs(story)
        if min(end, run_end - 0.22) - max(begin, run_begin) > MOST_SILENCE_S  # 0.2 s of rest stand behind a sentence
    ]
    assert holes == []
    assert -22.5 <= loudness.mean_dbfs <= -17.5
    assert loudness.peak_dbfs <= -1.5
    assert sum(entry["event"] == "played" for entry in story) > 8


def test_a_hole_would_be_found() -> None:
    said = (3_000 * np.sin(np.arange(8_000) / 3)).astype(np.int16)
    (hole,) = silences(np.concatenate([said, np.zeros(4_000, np.int16), said]))
    assert hole == pytest.approx((1.0, 1.5), abs=0.02)


# ---- when the application is away ----


@contextmanager
def serving(handler: Callable[..., BaseHTTPRequestHandler]) -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


class Folder(SimpleHTTPRequestHandler):
    """Any plain web server."""

    extensions_map: ClassVar = {".xml": "application/xml", ".wav": "audio/wav"}

    def log_message(self, format: str, *args: object) -> None:
        pass


class Broken(BaseHTTPRequestHandler):
    """An application that only ever answers 500."""

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        self.send_error(500)

    def log_message(self, format: str, *args: object) -> None:
        pass


def broken_server() -> AbstractContextManager[str]:
    return serving(Broken)


@contextmanager
def nobody() -> Iterator[str]:
    """An address at which nothing listens."""
    with socket.socket() as reserved:
        reserved.bind(("127.0.0.1", 0))
        yield f"http://127.0.0.1:{reserved.getsockname()[1]}"


def apology_s(stage: Stage) -> float:
    says = [Say("apology", language, {}) for language in LANGUAGES]
    return sum(clip.seconds for clip in stage.parts.studio.resolve(*says))


@pytest.mark.parametrize("away", [nobody, broken_server])
def test_a_parent_hears_the_static_apology_when_nothing_of_ours_answers(
    house: House, tmp_path: Path, away: Callable[[], AbstractContextManager[str]]
) -> None:
    phone = house.stage.dial()
    parent = Behaviour("answer", 4000, 6.0)
    folder = tmp_path / "static"
    folder.mkdir()
    with serving(functools.partial(Folder, directory=str(folder))) as static, away() as nowhere:
        document, _ = write_apology(house.stage.parts.studio, folder, static)
        dial = House(house.stage, nowhere).dial_to(phone, fallback_url=f"{static}/{document.name}")
        with opened_line(tmp_path / "exchange", {phone.msisdn: (parent,)}) as (exchange, carrier):
            carrier.place(dial)
            (ended,) = exchange.until("ended", within_s=60)
    webhooks = {entry["kind"]: entry["status"] for entry in story_of(exchange, ended)}
    assert webhooks["answer"] in (0, 500)
    assert webhooks["fallback"] == 200
    heard = left_channel(exchange.journal.parent / "calls" / ended["call"] / "heard.wav")
    assert len(heard) / 8_000 == pytest.approx(apology_s(house.stage), abs=0.1)
    assert measure(exchange.journal.parent / "calls" / ended["call"] / "heard.wav").mean_dbfs > -23
    (hearing,) = tell_hearings(read_journal(exchange.journal))
    assert hearing.longest_gap_s <= MOST_SILENCE_S
    assert dial.from_ == OUR_NUMBER


def story_of(exchange: OpenExchange, ended: Entry) -> list[Entry]:
    return [entry for entry in exchange.story("webhook") if entry["call"] == ended["call"]]
