"""Switches for the points that Plivo's texts leave open: set them both ways and see that all still works."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from typing import Any

from .errors import BadSettings


@dataclass(frozen=True)
class Switches:
    """How this exchange reads the open points. Defaults are what was seen of the real one, or the harsher reading."""

    placed_status: int = 201  # 200 on one page of the documents, 201 in the samples
    distinct_uuids: bool = False  # is the call's uuid another than the request's?
    callee_source: str = "Callee"  # or "Call recipient", as the documents have it
    ring_timeout_status: str = "no-answer"  # or "timeout": CallStatus of 6010
    omit_unanswered_fields: bool = False  # leave AnswerTime, Duration and bills out of an unanswered hang-up
    action_event: str = "Redirect"  # Event of action and redirect requests; "" leaves it out
    hangup_falls_to_answer_url: bool = False  # a call without hangup_url tells its answer_url
    getinput_empty_action: bool = False  # GetInput without input calls its action all the same
    woman_hindi: bool = False  # Speak voice=WOMAN language=hi-IN is valid
    play_missing: str = "skip"  # or "hangup": what a Play does that cannot be fetched
    recording_auth: bool = True  # fetching a recording needs Basic auth
    bad_xml_uses_fallback: bool = False  # invalid answer XML tries fallback_url too
    fallback_for: str = "answer"  # or "any": which failing URLs make fallback_url be used
    record_action_on_hangup: bool = False  # Record's action is called when the callee hangs up while speaking
    record_callback_delay_s: float = 1.0  # clock seconds from the end of a recording to its callback
    strict_unknown: bool = True  # unknown elements and attributes are 8011-8014; else they are skipped
    retry_same_nonce: bool = False  # a repeated webhook carries the nonce of its first try
    retry_wait_s: float = 0.0  # machine seconds between two tries of one webhook
    list_delay_s: float = 0.0  # clock seconds until an accepted call appears in lists
    cdr_delay_s: float = 0.0  # clock seconds until a finished call appears in lists
    machine_detection_waits: bool = False  # without machine_detection_url: is the answer URL asked after the verdict?
    unknown_params: bool = False  # webhooks carry parameters that no text mentions
    cancel_webhook: bool = True  # a call cancelled while queued still has a hang-up webhook

    def changed(self, values: Mapping[str, Any], where: str) -> Switches:
        """Return a copy with `values` set; text is read as the switch's type. Raises BadSettings naming `where`."""
        known = {field.name: type(getattr(self, field.name)) for field in fields(self)}
        unknown = sorted(set(values) - set(known))
        if unknown:
            raise BadSettings(f"{where}: no switch is called {unknown[0]!r}; there are {', '.join(known)}")
        return replace(self, **{name: _read(value, known[name], f"{where}: {name}") for name, value in values.items()})


_CHOICES = {
    "placed_status": (200, 201),
    "callee_source": ("Callee", "Call recipient"),
    "ring_timeout_status": ("no-answer", "timeout"),
    "play_missing": ("skip", "hangup"),
    "fallback_for": ("answer", "any"),
}
_WORDS = {"true": True, "yes": True, "on": True, "1": True, "false": False, "no": False, "off": False, "0": False}


def _read(value: Any, kind: type, where: str) -> Any:
    read = _convert(value, kind, where)
    choices = _CHOICES.get(where.rsplit(": ", 1)[1])
    if choices and read not in choices:
        raise BadSettings(f"{where} is {value!r}; choose one of {', '.join(map(str, choices))}")
    if isinstance(read, float) and read < 0:
        raise BadSettings(f"{where} is {value!r}; it cannot be negative")
    return read


def _convert(value: Any, kind: type, where: str) -> Any:
    if kind is bool:
        word = str(value).lower()
        if word not in _WORDS:
            raise BadSettings(f"{where} is {value!r}; write true or false")
        return _WORDS[word]
    try:
        return kind(value)
    except (TypeError, ValueError):
        raise BadSettings(f"{where} is {value!r}; it must be {kind.__name__}") from None
