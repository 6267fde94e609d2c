"""What each element of a document does on the line. Handlers return the document to go to, if any."""

from __future__ import annotations

import math

import numpy as np

from . import causes
from .audio import RATE_HZ, Samples, beep, duration_s
from .causes import Verdict
from .dial import dial
from .line import CallOver, Line
from .player import MissingAudio
from .script import Handler, Script, Source
from .taping import Tape
from .xml import Element

_SPEAK_CHARACTERS_PER_S = 13.0
_DTMF_S = {"w": 0.5, "W": 1.0}
_DTMF_DIGIT_S = 0.2
_AUTO_PAUSE_S = 2.0


async def speak(script: Script, element: Element) -> Source | None:
    await _prompt(script, element, stops_on_key=False)
    return None


async def wait(script: Script, element: Element) -> Source | None:
    if element.flag("beep"):
        await script.line.sound(beep())
    line, end_s = script.line, script.line.now_s + element.number("length")
    if element.flag("silence"):
        await _until_silent(line, element.number("minSilence") / 1000, end_s)
    else:
        await line.until(end_s)
    return None


async def _until_silent(line: Line, silence_s: float, last_s: float) -> None:
    """Wait until the person has been silent for so long; what is said meanwhile moves that on."""
    begin_s = line.now_s
    while line.now_s < (end_s := min(last_s, line.silent_at_s(begin_s, silence_s))):
        await line.until(end_s)


async def redirect(script: Script, element: Element) -> Source | None:
    return Source("redirect", element.text, element.attributes["method"])


async def hang_up(script: Script, element: Element) -> Source | None:
    if script.call.answered_at is None:
        raise CallOver(Verdict(3010 if element.get("reason") == "busy" else 3020, causes.ANSWER_XML))
    schedule = element.get("schedule")
    if schedule is None:
        raise CallOver(Verdict(4000, causes.ANSWER_XML))
    script.hang_up_at(script.line.now_s + float(schedule))
    return None


async def dtmf(script: Script, element: Element) -> Source | None:
    length_s = sum(_DTMF_S.get(key, _DTMF_DIGIT_S) for key in element.text)
    script.note("sent_digits", digits=element.text)
    if not element.flag("async"):
        await script.line.until(script.line.now_s + length_s)
    return None


async def pre_answer(script: Script, element: Element) -> Source | None:
    return await script.before_answer(element.children)


async def get_digits(script: Script, element: Element) -> Source | None:
    """Prompt and collect; without digits after all prompts the next element runs and the action is not called."""
    valid, timeout_s = set(element.attributes["validDigits"]), element.number("timeout")
    for _ in range(int(element.number("retries"))):
        digits = await _collect(script, element, timeout_s, element.number("digitTimeout"), element.flag("playBeep"))
        if digits and set(digits) <= valid:
            script.note("digits", digits=digits)
            return await script.act(element, {"Digits": digits})
        if digits:
            script.note("digits", digits=digits, valid=False)
            await _invalid_digits(script, element)
        else:
            script.note("no_input")
    return None


async def get_input(script: Script, element: Element) -> Source | None:
    """As GetDigits, or by speech: the exchange understands simulated parents, whose words it knows, and nobody else."""
    kinds = element.attributes["inputType"].split()
    for _ in range(int(element.number("retries"))):
        digits, speech = await _collect_input(script, element, speaks="speech" in kinds)
        if digits and "dtmf" in kinds:
            script.note("digits", digits=digits)
            return await script.act(element, _input_params("dtmf", digits, ""))
        if speech:
            script.note("speech", text=speech)
            return await script.act(element, _input_params("speech", "", speech))
        script.note("no_input")
    empty = script.office.switches().getinput_empty_action
    return await script.act(element, _input_params("", "", "")) if empty else None


async def _collect_input(script: Script, element: Element, *, speaks: bool) -> tuple[str, str]:
    """Return the keys pressed or the words said, whichever began first; both empty for neither."""
    line, first = script.line, element.get("startInputTimeout")
    timeout_s = float(first) / 1000 if first else element.number("executionTimeout")
    line.listen_for_keys()
    try:
        script.party.on_menu()
        if not await _prompts(script, element):
            script.party.on_prompted()
        begun_s, spoken = line.now_s, len(line.utterances)
        if speaks:
            script.party.on_record()
        said = next((one for one in line.utterances[spoken:] if one.text), None)
        wait_s = min(timeout_s, said.begin_s - begun_s) if said else timeout_s
        digits = await _keys(script, element, wait_s, _pause_s(element, "digitEndTimeout"))
        if digits or said is None or said.begin_s - begun_s > timeout_s:
            return digits, ""
        await line.until(said.end_s + _pause_s(element, "speechEndTimeout"))
        return "", said.text
    finally:
        line.stop_listening()
        if speaks:
            script.party.on_recorded()


def _pause_s(element: Element, name: str) -> float:
    return _AUTO_PAUSE_S if element.attributes[name] == "auto" else element.number(name)


def _input_params(kind: str, digits: str, speech: str) -> dict[str, str]:
    score = "0.9" if speech else "0.0"
    return {
        "InputType": kind,
        "Digits": digits,
        "Speech": speech,
        "SpeechConfidenceScore": score,
        "BilledAmount": "0.02000" if speech else "0.00000",
    }


async def _collect(script: Script, element: Element, timeout_s: float, gap_s: float, with_beep: bool) -> str:
    """Play the prompts until the first key and return the keys pressed, without the one that finishes."""
    line = script.line
    line.listen_for_keys()
    try:
        script.party.on_menu()
        if not await _prompts(script, element):
            script.party.on_prompted()
            if with_beep:
                await line.sound(beep(), stops_on_key=True)
        return await _keys(script, element, timeout_s, gap_s)
    finally:
        line.stop_listening()


async def _prompts(script: Script, element: Element) -> bool:
    """Play nested prompts; return whether a key stopped them."""
    for prompt in element.children:
        if await _prompt(script, prompt, stops_on_key=True):
            return True
    return False


async def _keys(script: Script, element: Element, timeout_s: float, gap_s: float) -> str:
    line, digits = script.line, ""
    finish, most = _finish_keys(element), int(element.number("numDigits"))
    while len(digits) < most:
        key = await line.key_before(line.now_s + (gap_s if digits else timeout_s))
        if key is None or key in finish:
            break
        digits += key
    return digits


def _finish_keys(element: Element) -> str:
    keys = element.attributes["finishOnKey"]
    return "" if keys == "none" else keys


async def _invalid_digits(script: Script, element: Element) -> None:
    url = element.get("invalidDigitsSound")
    if url:
        await _play_url(script, url, stops_on_key=False)


async def _prompt(script: Script, element: Element, *, stops_on_key: bool) -> bool:
    """Perform one Speak, Play or Wait; return whether a key stopped it."""
    if element.name == "Wait":
        return await script.line.sound(_silence(element.number("length")), stops_on_key=stops_on_key)
    loops = element.number("loop") or math.inf
    while loops > 0:
        if await _prompt_once(script, element, stops_on_key=stops_on_key):
            return True
        loops -= 1
    return False


async def _prompt_once(script: Script, element: Element, *, stops_on_key: bool) -> bool:
    if element.name == "Play":
        return await _play_url(script, element.text, stops_on_key=stops_on_key)
    script.note("played", text=element.text, language=element.attributes["language"])
    # There is no voice in the exchange: what is spoken takes its time and is silent; the journal has the words.
    length_s = max(0.5, len(element.text) / _SPEAK_CHARACTERS_PER_S)
    return await script.line.sound(_silence(length_s), stops_on_key=stops_on_key)


async def _play_url(script: Script, url: str, *, stops_on_key: bool) -> bool:
    samples = script.office.player.cached(url)
    try:
        if samples is None:
            samples = await script.office.player.clip(url)
            script.line.catch_up()
    except MissingAudio as error:
        script.line.catch_up()
        script.note("play_failed", url=url, reason=str(error))
        if script.office.switches().play_missing == "hangup":
            raise CallOver(Verdict(5010, causes.ERROR)) from None
        # A clip that is not there must not turn an endless loop into a busy one.
        return await script.line.sound(_silence(0.02), stops_on_key=stops_on_key)
    script.note("played", url=url, seconds=round(duration_s(samples), 3))
    return await script.line.sound(samples, stops_on_key=stops_on_key)


async def record(script: Script, element: Element) -> Source | None:
    """Record the person until silence, a key or the maximum; the action gets where the file is."""
    if element.flag("recordSession") or element.flag("startOnDialAnswer"):
        return await script.act(element, _session_params(script, element))
    if element.flag("playBeep"):
        await script.line.sound(beep())
    script.line.listen_for_keys()
    script.record = element
    script.tapes.start_said(element)
    script.party.on_record()
    digits = await _until_recorded(script, element)
    script.line.stop_listening()
    script.party.on_recorded()
    params, script.record = script.tapes.end_said(script.line.now_s), None
    return await script.act(element, {**params, "Digits": digits})


def _session_params(script: Script, element: Element) -> dict[str, str]:
    """Begin to record the whole call; how long it will be is not known yet."""
    tape = Tape.of(element, script.line.now_s)
    unknown = ("RecordingDuration", "RecordingDurationMs", "RecordingStartMs", "RecordingEndMs")
    return {"RecordUrl": script.tapes.start_session(tape), "RecordingID": tape.id} | dict.fromkeys(unknown, "-1")


async def _until_recorded(script: Script, element: Element) -> str:
    """Return the key that ended the recording, or "" for silence or the maximum length."""
    line, begin_s = script.line, script.line.now_s
    last_s = begin_s + element.number("maxLength")
    while True:
        deadline_s = min(last_s, line.silent_at_s(begin_s, element.number("timeout")))
        if deadline_s <= line.now_s:
            return ""
        key = await line.key_before(deadline_s)
        if key is not None and key in _finish_keys(element):
            return key


def _silence(length_s: float) -> Samples:
    return np.zeros(round(length_s * RATE_HZ), dtype=np.int16)


HANDLERS: dict[str, Handler] = {
    "Speak": speak,
    "Play": speak,
    "Wait": wait,
    "GetDigits": get_digits,
    "GetInput": get_input,
    "Record": record,
    "Redirect": redirect,
    "Hangup": hang_up,
    "DTMF": dtmf,
    "PreAnswer": pre_answer,
    "Dial": dial,
}
