"""The machine's voice lives in a process of its own, which may die, hang or be replaced."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from prompts.errors import SynthesisError
from prompts.mixing import measure
from prompts.synthesis import espeak as espeak_module
from prompts.synthesis.contract import VOICES
from prompts.synthesis.espeak import PROGRAM, EspeakSynthesiser

SAYS = {"pa": "ਧੰਨਵਾਦ।", "hi": "धन्यवाद।", "en": "Thank you."}


@pytest.mark.parametrize("voice", VOICES)
def test_it_speaks_each_language(espeak: EspeakSynthesiser, voice: str) -> None:
    figures = measure(espeak.speak(SAYS[voice], voice))
    assert 0.4 < figures.seconds < 2
    assert -35 < figures.level_dbfs < -10


def test_the_same_words_are_the_same_bytes(espeak: EspeakSynthesiser) -> None:
    once = espeak.speak(SAYS["pa"], "pa")
    espeak.speak(SAYS["en"], "en")
    assert espeak.speak(SAYS["pa"], "pa") == once


def test_a_new_engine_must_be_noticed(espeak: EspeakSynthesiser) -> None:
    """Clips are found by the version that we write down; the engine must be the one that we wrote down."""
    assert espeak.version.startswith(f"espeak-ng {espeak.engine_version().rpartition('.')[0]}/")


@pytest.mark.parametrize(
    ("text", "voice"), [("", "pa"), (" ", "hi"), ("x" * 2001, "en"), ("Bonjour", "fr"), (".", "en")]
)
def test_what_cannot_be_said_is_refused_for_good(espeak: EspeakSynthesiser, text: str, voice: str) -> None:
    with pytest.raises(SynthesisError) as raised:
        espeak.speak(text, voice)
    assert raised.value.permanent


def test_it_comes_back_after_being_killed() -> None:
    synthesiser = EspeakSynthesiser()
    others = set(_children())
    before = synthesiser.speak(SAYS["en"], "en")
    (child,) = set(_children()) - others
    os.kill(child, signal.SIGKILL)
    assert synthesiser.speak(SAYS["en"], "en") == before
    assert set(_children()) - others - {child}
    synthesiser.close()


def test_it_ends_when_it_is_let_go() -> None:
    synthesiser = EspeakSynthesiser()
    before = set(_children())
    synthesiser.speak(SAYS["hi"], "hi")
    (mine,) = set(_children()) - before
    synthesiser.close()
    assert mine not in _children()
    assert synthesiser.speak(SAYS["hi"], "hi")
    synthesiser.close()


HELLO = 'import sys, time; print(\'{"engine": "toy", "rate_hz": 8000}\', flush=True); '


@pytest.mark.parametrize(
    ("program", "reason"),
    [
        (HELLO + "input()", "failed twice"),
        (HELLO + "input(); print('good morning', flush=True); input()", "failed twice"),
        (HELLO + "input(); print('{\"bytes\": -1}', flush=True); input()", "failed twice"),
        (HELLO + 'input(); print(\'{"error": "hoarse"}\', flush=True); input()', "refused: hoarse"),
        (HELLO + "input(); time.sleep(60)", "no speech within 0.2 s"),
        ("print('[]', flush=True); input()", "does not start"),
        ("print('{}', flush=True); input()", "does not start"),
        ("raise SystemExit(1)", "does not start"),
        ("import time; time.sleep(60)", "does not start"),
    ],
)
def test_a_program_that_misbehaves_is_an_error_and_not_a_hang(program: str, reason: str) -> None:
    synthesiser = EspeakSynthesiser(_python(program), timeout_s=0.2 if "sleep" in program else 10)
    with pytest.raises(SynthesisError, match=reason):
        synthesiser.speak(SAYS["en"], "en")
    synthesiser.close()


def test_any_program_that_speaks_the_protocol_will_do() -> None:
    toy = HELLO + "import os\nfor line in sys.stdin: print('{\"bytes\": 8000}', flush=True); os.write(1, b'ab' * 4000)"
    synthesiser = EspeakSynthesiser(_python(toy))
    assert measure(synthesiser.speak(SAYS["en"], "en")).seconds == 0.5
    synthesiser.close()


def test_a_missing_program_is_an_error_that_may_pass() -> None:
    with pytest.raises(SynthesisError, match="does not start") as raised:
        EspeakSynthesiser(["/nowhere/speak"]).speak(SAYS["en"], "en")
    assert not raised.value.permanent


def test_the_program_holds_nothing_of_ours() -> None:
    """The licence boundary is the pipe: what runs behind it imports the library and nothing of this project."""
    source = Path(PROGRAM[-1]).read_text("utf-8")
    imported = {line.split()[1] for line in source.splitlines() if line.strip().startswith(("import ", "from "))}
    assert imported == {"__future__", "ctypes", "json", "os", "sys", "typing", "espeakng_loader"}
    assert PROGRAM[:2] == (sys.executable, "-I")


def test_every_voice_has_a_manner() -> None:
    assert tuple(espeak_module.MANNERS) == VOICES


def _python(program: str) -> Sequence[str]:
    return [sys.executable, "-I", "-c", program]


def _children() -> list[int]:
    """Return the speaking processes that this one started and that still run: other tests have servers of their own."""
    started = Path(f"/proc/self/task/{os.getpid()}/children").read_text().split()
    return [int(pid) for pid in started if PROGRAM[-1].encode() in Path(f"/proc/{pid}/cmdline").read_bytes()]
