"""Simulated parents: who has which number, and how they behave each time the phone rings (format in README.md)."""

from __future__ import annotations

import json
import re
import wave
from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import datetime, time, timedelta, timezone
from pathlib import Path
from typing import Any

from .errors import BadPopulation

INDIA = timezone(timedelta(hours=5, minutes=30))

# Code of a call that this behaviour ends before anybody answers.
KINDS = {
    "answer": 4000,
    "no_answer": 3000,
    "busy": 3010,
    "rejected": 3020,
    "switched_off": 2010,
    "invalid": 3050,
    "network_error": 5000,
}
RINGING_KINDS = ("answer", "no_answer", "rejected")  # with the others the phone stays silent
_RING_S = {"answer": 6.0, "no_answer": 45.0, "rejected": 8.0, "switched_off": 8.0}


@dataclass(frozen=True)
class Speech:
    """Something a parent says: a WAV file and, for whoever checks a transcript, its words."""

    wav: Path
    text: str


@dataclass(frozen=True)
class Behaviour:
    """What one ring of one phone leads to. Times are clock seconds."""

    kind: str
    code: int  # how the call ends if nobody answers it
    ring_s: float  # from the first ring to the answer, to the rejection, or to the network giving up
    keys: tuple[str | None, ...] = ()  # one per prompting of a menu; None and beyond the end: silence
    key_delay_s: float = 1.0  # from the end of the prompts (barge_in: their beginning) to the key
    key_gap_s: float = 0.3
    barge_in: bool = False
    barge_in_s: tuple[float | None, ...] = ()  # one per prompting: from its beginning to the key, instead of the above
    speeches: tuple[Speech | None, ...] = ()  # one per recording; None and beyond the end: silence
    speech_delay_s: float = 0.5
    record_key: str | None = None  # pressed a second after speaking
    hang_up_after_s: float | None = None  # from the answer
    hang_up_at_menu: int | None = None  # 1: when it would press the first key
    hang_up_at_record: int | None = None  # 1: a second after it spoke in the first recording
    machine: bool = False  # an answering machine, which machine_detection finds
    noise_dbfs: float | None = None  # hiss behind the voice; above -44 nobody is ever silent


AWAY = Behaviour("no_answer", KINDS["no_answer"], _RING_S["no_answer"])
BUSY = Behaviour("busy", KINDS["busy"], 0.0)
UNALLOCATED = Behaviour("invalid", KINDS["invalid"], 0.0)


@dataclass(frozen=True)
class CallIn:
    """Somebody calls a number of the account, `after_s` clock seconds after the exchange's anchor."""

    number: str
    to: str
    after_s: float


class Population:
    """Behaviours by number. The last behaviour of a number repeats; other numbers get the default, or do not exist."""

    def __init__(
        self,
        numbers: Mapping[str, tuple[Behaviour, ...]],
        default: Behaviour | None = None,
        calls_in: tuple[CallIn, ...] = (),
        hours: Mapping[str, tuple[time, time]] | None = None,
    ) -> None:
        """`hours`: in which Indian hours a number's owner can be reached, where that is not always."""
        self._numbers = dict(numbers)
        self._hours = dict(hours or {})
        self._default = default
        self.calls_in = calls_in  # in the order of their times

    def behaviour(self, number: str, ring: int, at: datetime | None = None) -> Behaviour:
        """Return what happens when `number` is dialled for the `ring`-th time, counted from zero, at an instant."""
        if at is not None and number in self._hours:
            begin, end = self._hours[number]
            if not begin <= at.astimezone(INDIA).time() < end:
                return AWAY
        script = self._numbers.get(number)
        if script is None:
            return self._default or UNALLOCATED
        return script[min(ring, len(script) - 1)]


def load_population(path: Path) -> Population:
    """Read a population file. Raises BadPopulation with file, key and how to mend it."""
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise BadPopulation(f"{path}: cannot be read ({error.strerror}); give the path of a JSON file") from None
    except ValueError as error:
        raise BadPopulation(f"{path}: not JSON ({error})") from None
    return parse_population(content, str(path), path.parent)


def parse_population(content: Any, where: str, folder: Path) -> Population:
    """Read a population; WAV paths are relative to `folder`. Raises BadPopulation."""
    if not isinstance(content, Mapping) or not set(content) <= {"numbers", "default", "calls_in"}:
        raise BadPopulation(f"{where}: must be an object with 'numbers' and, if wanted, 'default' and 'calls_in'")
    reader = _Reader(folder)
    numbers = content.get("numbers", {})
    if not isinstance(numbers, Mapping):
        raise BadPopulation(f"{where}: numbers: must be an object from number to a list of behaviours")
    scripts, hours = {}, {}
    for number, value in numbers.items():
        place = f"{where}: numbers.{number}"
        if isinstance(value, Mapping):
            if set(value) != {"hours", "rings"}:
                raise BadPopulation(f"{place}: must be a list of behaviours, or an object with 'hours' and 'rings'")
            hours[number] = _hours(value["hours"], f"{place}.hours")
        scripts[number] = reader.script(value["rings"] if number in hours else value, number, place)
    default = content.get("default")
    calls = [
        _call_in(one, f"{where}: calls_in[{i}]") for i, one in enumerate(_list(content.get("calls_in", []), where))
    ]
    return Population(
        scripts,
        None if default is None else reader.behaviour(default, f"{where}: default"),
        tuple(sorted(calls, key=lambda call: call.after_s)),
        hours,
    )


def _call_in(value: Any, where: str) -> CallIn:
    if not isinstance(value, Mapping) or set(value) != {"number", "to", "after_s"}:
        raise BadPopulation(f"{where}: must be an object with 'number', 'to' and 'after_s'")
    for key in ("number", "to"):
        if not re.fullmatch(r"\d{5,15}", str(value[key])):
            raise BadPopulation(f"{where}.{key}: is {value[key]!r}; write 5 to 15 digits with the country code")
    return CallIn(str(value["number"]), str(value["to"]), float(_number(value["after_s"], f"{where}.after_s")))


class _Reader:
    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._checked: set[Path] = set()

    def script(self, value: Any, number: str, where: str) -> tuple[Behaviour, ...]:
        if not re.fullmatch(r"\d{5,15}", number):
            raise BadPopulation(f"{where}: write the number as 5 to 15 digits with the country code, like 919812345678")
        if not isinstance(value, list) or not value:
            raise BadPopulation(f"{where}: must be a list of at least one behaviour")
        return tuple(self.behaviour(item, f"{where}[{index}]") for index, item in enumerate(value))

    def behaviour(self, value: Any, where: str) -> Behaviour:
        if not isinstance(value, Mapping):
            raise BadPopulation(f"{where}: must be an object with at least a 'kind'")
        kind = value.get("kind")
        if kind not in KINDS:
            raise BadPopulation(f"{where}.kind: is {kind!r}; choose one of {', '.join(KINDS)}")
        known = [item.name for item in fields(Behaviour)]
        for key in value:
            if key not in known:
                raise BadPopulation(f"{where}.{key}: there is no such key; a behaviour has {', '.join(known)}")
        read = {key: self._field(key, item, f"{where}.{key}") for key, item in value.items()}
        return Behaviour(**{"code": KINDS[kind], "ring_s": _RING_S.get(kind, 0.0), **read})

    def _field(self, key: str, value: Any, where: str) -> Any:
        if key == "keys":
            return tuple(_keys(item, f"{where}[{index}]") for index, item in enumerate(_list(value, where)))
        if key == "speeches":
            return tuple(self._speech(item, f"{where}[{index}]") for index, item in enumerate(_list(value, where)))
        if key == "barge_in_s":
            entries = enumerate(_list(value, where))
            return tuple(None if item is None else _number(item, f"{where}[{index}]") for index, item in entries)
        if key == "record_key":
            return _keys(value, where)
        if key in ("barge_in", "machine") and not isinstance(value, bool):
            raise BadPopulation(f"{where}: is {value!r}; write true or false")
        if key == "code" and not isinstance(value, int):
            raise BadPopulation(f"{where}: is {value!r}; write a hang-up code such as 3070")
        if key == "noise_dbfs" and value is not None:
            return _level(value, where)
        if key.endswith(("_s", "_menu", "_record")) and value is not None:
            return _number(value, where)
        return value

    def _speech(self, value: Any, where: str) -> Speech | None:
        if value is None:
            return None
        if not isinstance(value, Mapping) or set(value) - {"wav", "text"} or not isinstance(value.get("wav"), str):
            raise BadPopulation(f"{where}: must be null or an object with 'wav' (a path) and 'text'")
        path = self._folder / value["wav"]
        self._check_wav(path, f"{where}.wav")
        return Speech(path, str(value.get("text", "")))

    def _check_wav(self, path: Path, where: str) -> None:
        if path in self._checked:
            return
        try:
            with wave.open(str(path)) as wav:
                form = (wav.getframerate(), wav.getsampwidth(), wav.getnchannels())
        except OSError as error:
            raise BadPopulation(f"{where}: {path} cannot be read ({error.strerror})") from None
        except (wave.Error, EOFError) as error:
            raise BadPopulation(f"{where}: {path} is not a WAV file ({error})") from None
        if form != (8000, 2, 1):
            raise BadPopulation(
                f"{where}: {path} is {form[0]} Hz, {8 * form[1]} bit, {form[2]} channels; make it 8000, 16, 1"
            )
        self._checked.add(path)


def _list(value: Any, where: str) -> list[Any]:
    if not isinstance(value, list):
        raise BadPopulation(f"{where}: must be a list")
    return value


def _keys(value: Any, where: str) -> str | None:
    if value is not None and not (isinstance(value, str) and re.fullmatch(r"[0-9*#]+", value)):
        raise BadPopulation(f'{where}: is {value!r}; write keys as text such as "1" or "*", or null for silence')
    return value


def _level(value: Any, where: str) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not -90 <= value <= -6:
        raise BadPopulation(f"{where}: is {value!r}; write dBFS from -90 to -6")
    return float(value)


def _hours(value: Any, where: str) -> tuple[time, time]:
    try:
        begin, end = (time.fromisoformat(text) for text in value)
    except (TypeError, ValueError):
        raise BadPopulation(f'{where}: is {value!r}; write two Indian times such as ["16:00", "21:00"]') from None
    return begin, end


def _number(value: Any, where: str) -> float | int:
    if isinstance(value, bool) or not isinstance(value, (int, float)) or value < 0:
        raise BadPopulation(f"{where}: is {value!r}; write a number, zero or more")
    return value
