"""Plivo's webhook forms, read into values. Pure: a form in, a value or a `WebhookProblem` out, never an exception.

Verify the signature first (`carrier.plivo.signature`), then read. The signature joins names and values without
separators: whoever holds one signed form can cut it elsewhere, `{"Digits": "1"}` into `{"Digits1": ""}`, and it stays
validly signed. So everything we use has a strict form here, and a form whose pieces were moved is refused. Unknown
extra fields are tolerated: Plivo adds some without notice.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from urllib.parse import unquote_plus

from carrier.plivo.causes import UNREADABLE

MAX_FORM_BYTES = 32 * 1024
MAX_FORM_FIELDS = 100

Form = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class WebhookProblem:
    """Why a form is not what Plivo sends. Names the field, never its value: values are people's numbers."""

    field: str
    reason: str


@dataclass(frozen=True, slots=True)
class Ring:
    """The phone rings. Numbers are digits without plus."""

    call_id: str
    request_id: str
    to: str
    from_: str


@dataclass(frozen=True, slots=True)
class Answer:
    """Somebody, or a machine, picked up; also what a fallback URL receives."""

    call_id: str
    request_id: str
    to: str
    from_: str


@dataclass(frozen=True, slots=True)
class Step:
    """A menu was answered, or a redirect followed: `digits` is empty where no key was pressed."""

    call_id: str
    request_id: str
    to: str
    from_: str
    digits: str


@dataclass(frozen=True, slots=True)
class Recorded:
    """A recording ended (`digits` holds the key that ended it, if any). The file may not be there yet."""

    call_id: str
    request_id: str
    to: str
    from_: str
    recording_id: str
    url: str
    duration_ms: int
    digits: str


@dataclass(frozen=True, slots=True)
class Dialled:
    """A Dial is over: `status` is Plivo's word for how, `completed` when the two have spoken."""

    call_id: str
    request_id: str
    to: str
    from_: str
    status: str


@dataclass(frozen=True, slots=True)
class Leg:
    """News of the second leg of a Dial: `action` is answer, connected, digits or hangup, which alone tells how long."""

    call_id: str
    leg_id: str
    action: str
    talk_s: int | None


@dataclass(frozen=True, slots=True)
class RecordingReady:
    """The file of a recording lies at the carrier."""

    call_id: str
    recording_id: str
    url: str
    duration_ms: int


@dataclass(frozen=True, slots=True)
class Hangup:
    """The call is over. Cause code, name and source are Plivo's own, for keeping; None or empty: not sent.

    `talk_s` counts from the answer, `billed_s` is rounded up to the pulse. `answered` is only what this form says: what
    Plivo puts into times and durations of unanswered calls is not documented, so it takes a status of `completed` as
    well, and false proves nothing.
    """

    call_id: str
    request_id: str
    to: str
    from_: str
    call_status: str
    cause_code: int | None
    cause_name: str
    hangup_source: str
    talk_s: int | None
    billed_s: int | None
    answered: bool


def read_form(body: bytes) -> dict[str, str] | WebhookProblem:
    """Return the decoded fields of a form-encoded body: a repeated name or invalid UTF-8 is a problem."""
    if len(body) > MAX_FORM_BYTES:
        return WebhookProblem("", f"the form is larger than {MAX_FORM_BYTES} bytes")
    try:
        pieces = [piece.partition("=") for piece in body.decode("ascii").split("&", MAX_FORM_FIELDS) if piece]
        pairs = [(_decoded(name), _decoded(value)) for name, _, value in pieces]
    except ValueError:
        return WebhookProblem("", "the form is not URL-encoded UTF-8")
    if len(pieces) > MAX_FORM_FIELDS:
        return WebhookProblem("", f"the form has more than {MAX_FORM_FIELDS} fields")
    form = dict(pairs)
    return form if len(form) == len(pairs) else WebhookProblem("", "a field stands twice")


def _decoded(text: str) -> str:
    # Most of what the carrier sends is plain, and decoding it is the dearest part of reading it.
    return unquote_plus(text, errors="strict") if "%" in text or "+" in text else text


def parse_ring(form: Form) -> Ring | WebhookProblem:
    """Read a `ring_url` form."""
    return _problem(form, _PARTIES) or Ring(*_parties(form))


def parse_answer(form: Form, *, came_in: bool = False) -> Answer | WebhookProblem:
    """Read an `answer_url` or `fallback_url` form.

    `came_in`, here and below: of a call to one of our numbers, where `From` may be a word instead of a number.
    """
    return _problem(form, _of(_PARTIES, came_in)) or Answer(*_parties(form))


def parse_step(form: Form, *, came_in: bool = False) -> Step | WebhookProblem:
    """Read what a menu's action or a redirect sends."""
    return _problem(form, _of(_PARTIES, came_in), _STEP) or Step(*_parties(form), form.get("Digits", ""))


def parse_dialled(form: Form, *, came_in: bool = False) -> Dialled | WebhookProblem:
    """Read what a Dial's action sends."""
    return _problem(form, _of(_PARTIES | _DIALLED, came_in)) or Dialled(*_parties(form), form["DialStatus"])


def parse_leg(form: Form) -> Leg | WebhookProblem:
    """Read what a Dial's callback sends."""
    problem = _problem(form, {"CallUUID": _is_uuid} | _LEG, _LEG_LENGTH)
    if problem:
        return problem
    return Leg(form["CallUUID"], form["DialBLegUUID"], form["DialAction"], _whole(form.get("DialBLegDuration", "")))


def parse_recorded(form: Form, *, came_in: bool = False) -> Recorded | WebhookProblem:
    """Read what a Record's action sends."""
    problem = _problem(form, _of(_PARTIES | _RECORDING, came_in), _DIGITS | _DURATIONS)
    return problem or Recorded(*_parties(form), *_recording(form), form.get("Digits", ""))


def parse_recording_ready(form: Form) -> RecordingReady | WebhookProblem:
    """Read what a Record's callback sends."""
    problem = _problem(form, {"CallUUID": _is_uuid} | _RECORDING, _DURATIONS)
    return problem or RecordingReady(form["CallUUID"], *_recording(form))


def parse_hangup(form: Form, *, came_in: bool = False) -> Hangup | WebhookProblem:
    """Read a `hangup_url` form. An odd cause code is kept as UNREADABLE, so that the call still ends."""
    problem = _problem(form, _of(_PARTIES, came_in), _ENDING)
    if problem:
        return problem
    status, talk_s = form.get("CallStatus", ""), _whole(form.get("Duration", ""))
    return Hangup(
        *_parties(form),
        call_status=status,
        cause_code=_code(form.get("HangupCauseCode", "")),
        cause_name=form.get("HangupCauseName", ""),
        hangup_source=form.get("HangupSource", ""),
        talk_s=talk_s,
        billed_s=_whole(form.get("BillDuration", "")),
        answered=status == "completed" and (bool(form.get("AnswerTime")) or (talk_s or 0) > 0),
    )


_Check = Callable[[str], object]


def _form_of(pattern: str) -> _Check:
    return re.compile(pattern).fullmatch


_is_uuid = _form_of(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_is_number = _form_of(r"\+?[0-9]{5,15}")
_is_seconds = _form_of(r"(?:-1|[0-9]{1,9}(?:\.[0-9]{1,6})?)?")
_is_words = _form_of(r"[ -~]{0,80}")

# What networks put in the place of a number that its owner withholds, or a name and an address of another network.
_is_caller = _form_of(r"\+?[0-9]{1,15}|[A-Za-z][A-Za-z0-9 ._@:+-]{0,79}|")

_PARTIES = {"CallUUID": _is_uuid, "RequestUUID": _is_uuid, "To": _is_number, "From": _is_number}
_RECORDING = {"RecordingID": _is_uuid, "RecordUrl": _form_of(r"https?://[!-~]{3,500}")}
_DIALLED = {"DialStatus": _form_of(r"[a-z-]{1,20}")}
_LEG = {"DialAction": _form_of(r"answer|connected|digits|hangup"), "DialBLegUUID": _is_uuid}
_LEG_LENGTH = {"DialBLegDuration": _is_seconds}
_DIGITS = {"Digits": _form_of(r"[0-9*#]{0,99}")}
# What makes a step another webhook must not be hidden in it: a recording would be lost as if nothing had been said.
_STEP = _DIGITS | _DIALLED | _RECORDING
_DURATIONS = {"RecordingDuration": _is_seconds, "RecordingDurationMs": _is_seconds}
_ENDING = {
    "CallStatus": _form_of(r"[a-z-]{0,20}"),
    "HangupCauseCode": _form_of(r"[0-9A-Za-z_.-]{0,12}"),
    "HangupCauseName": _is_words,
    "HangupSource": _is_words,
    "AnswerTime": _form_of(r"(?:\d{4}-\d\d-\d\d[ T]\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:[+-]\d\d:?\d\d|Z)?)?"),
    "BillDuration": _is_seconds,
    "Duration": _is_seconds,
}

# What follows a name that was pushed into a neighbour's text: `DigitsMasked` is a name of Plivo's to come, `Digits1` a
# trace. Free text can begin with anything.
_VALUE_BEGINS = {
    "Digits": "[0-9*#]",
    "RecordingDuration": "[0-9-]",
    "RecordingDurationMs": "[0-9-]",
    "CallStatus": "[a-z]",
    "DialStatus": "[a-z]",
    "DialBLegDuration": "[0-9-]",
    "RecordingID": "[0-9a-fA-F]",
    "RecordUrl": "h",
    "HangupCauseCode": "[0-9]",
    "AnswerTime": "[0-9]",
    "BillDuration": "[0-9-]",
    "Duration": "[0-9-]",
}

_COMMON = {"ALegRequestUUID", "ALegUUID", "CallStatus", "CallUUID", "CallerName", "Direction", "Event", "From", "To"}
_ACCOUNT = {"BillRate", "ComplianceApplicationId", "ComplianceStatus", "CountryCode", "ParentAuthID", "RouteType"}
_SESSION = {"ForwardedFrom", "RequestUUID", "STIRAttestation", "STIRVerification", "SessionStart"}
_INPUT = {"Digits", "IfMachine", "Machine"}
_DIAL = {"DialALegUUID", "DialBLegUUID", "DialHangupCause", "DialRingStatus", "DialStatus"}
_OF_LEG = {"BillDuration", "Duration", "From", "HangupCause", "HangupCauseCode", "HangupCauseName", "HangupSource"}
_DIAL |= {"DialAction", "DialBLegStatus", "DialBLegTo", *(f"DialBLeg{name}" for name in _OF_LEG)}
_SOUND = {"RecordUrl", "RecordingDuration", "RecordingDurationMs", "RecordingEndMs", "RecordingID", "RecordingStartMs"}
_TIMES = {"AnswerTime", "BillDuration", "Duration", "EndTime", "StartTime", "TotalCost"}
_CAUSE = {"CarrierFailoverTriggered", "HangupCause", "HangupCauseCode", "HangupCauseName", "HangupSource"}

KNOWN_FIELDS = frozenset(_COMMON | _ACCOUNT | _SESSION | _INPUT | _SOUND | _TIMES | _CAUSE | _DIAL)
"""The names that Plivo is known to send to the webhooks we use."""

_is_name = re.compile(r"[A-Za-z][A-Za-z0-9_-]{0,63}").fullmatch


def _of(required: Mapping[str, _Check], came_in: bool) -> Mapping[str, _Check]:
    return {**required, "From": _is_caller} if came_in else required


def _problem(
    form: Form, required: Mapping[str, _Check], optional: Mapping[str, _Check] | None = None
) -> WebhookProblem | None:
    for name, fits in required.items():
        value = form.get(name)
        if value is None:
            return WebhookProblem(name, "missing")
        if not fits(value):
            return WebhookProblem(name, "not of the expected form")
    for name, fits in (optional or {}).items():
        if name in form and not fits(form[name]):
            return WebhookProblem(name, "not of the expected form")
    moved = _moved(form, optional or {})
    return WebhookProblem(moved, "its pieces stand in other fields") if moved else None


def _moved(form: Form, optional: Iterable[str]) -> str:
    """Return the field of which a piece stands in another one, empty if there is none.

    A required field cannot be hidden, so only those are guarded that may be absent. Four traces are looked for: such a
    name inside another field's value; one that begins like another field's and was cut there; an unknown name that goes
    on where one of them should have ended, or runs through one; and any known name cut in two. A name such as
    `ParentCallUUID`, that Plivo may add tomorrow, shows none of them.
    """
    values = "\n".join(form.values())
    for name in optional:
        if name in values and any(_pushed(name).search(form[other]) for other in form if other != name):
            return name
    for name in optional:
        if name not in form and any(
            name.startswith(other) and (other + form[other]).startswith(name) for other in form
        ):
            return name
    for name in form.keys() - KNOWN_FIELDS:
        if not _is_name(name):
            return "a name"
        text = name + form[name]
        for known in KNOWN_FIELDS:
            if len(known) > len(name) and text.startswith(known):
                return known
        for other in optional:
            if _runs_through(name, other):
                return other
    return ""


def _runs_through(name: str, used: str) -> bool:
    """Whether an unknown name holds a used one together with a value: its own behind it, or a neighbour's before it."""
    at = name.find(used)
    if at < 0:
        return False
    if at == 0:
        return bool(_pushed(used).match(name))
    return any(name.startswith(known) for known in KNOWN_FIELDS)


_PUSHED = {
    name: re.compile(name + _VALUE_BEGINS.get(name, "")) for name in [*_STEP, *_DURATIONS, *_ENDING, *_LEG_LENGTH]
}


def _pushed(name: str) -> re.Pattern[str]:
    return _PUSHED[name]


def _parties(form: Form) -> tuple[str, str, str, str]:
    to, from_ = form["To"].removeprefix("+"), form["From"].removeprefix("+")
    return form["CallUUID"], form["RequestUUID"], to, from_


def _recording(form: Form) -> tuple[str, str, int]:
    """Return id, URL and length; the length is 0 where none was sent: the file itself will say."""
    duration_ms = _whole(form.get("RecordingDurationMs", ""))
    if duration_ms is None:
        duration_ms = (_whole(form.get("RecordingDuration", "")) or 0) * 1000
    return form["RecordingID"], form["RecordUrl"], max(duration_ms, 0)


def _whole(text: str) -> int | None:
    return int(float(text)) if text else None


def _code(text: str) -> int | None:
    if not text:
        return None
    return int(text) if text.isdecimal() and text.isascii() and len(text) <= 9 else UNREADABLE
