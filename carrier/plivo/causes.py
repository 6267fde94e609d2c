"""Plivo's hang-up causes, each translated once into our outcome words.

Codes and names are those of Plivo's hang-up cause list; which of them are worth another try follows its "next steps".
"""

from __future__ import annotations

from carrier.contract import Outcome

UNREADABLE = -1
"""Stands for a hang-up code that was sent but is no number: it is unlisted, so it raises the same alarm."""

_ENDED = Outcome.ENDED_AFTER_ANSWER
_FAILED = Outcome.CARRIER_FAILED
_OURS = Outcome.OUR_FAULT

CAUSES: dict[int, Outcome] = {
    1000: Outcome.CANCELED,
    1010: _OURS,  # out of credits: every further dial will fail until somebody pays
    1020: Outcome.THROTTLED,  # simultaneous dial limit
    2000: Outcome.INVALID_NUMBER,
    2010: Outcome.SWITCHED_OFF,
    2020: _FAILED,
    2030: _OURS,  # country barred: a setting of our account, not of the household
    2040: Outcome.REJECTED,  # this one number is barred: not to be called again
    2050: _OURS,
    2060: _OURS,  # loop: too many transfers
    2070: _OURS,  # media left India: alarm, another try ends the same way
    3000: Outcome.NO_ANSWER,
    3010: Outcome.BUSY,
    3020: Outcome.REJECTED,
    3030: _OURS,  # our caller id is unknown to the network
    3040: _OURS,  # forbidden: only after a human has looked
    3050: Outcome.INVALID_NUMBER,
    3070: _FAILED,
    3080: _FAILED,
    3090: _FAILED,
    3100: Outcome.BUSY,
    3110: Outcome.REJECTED,
    3120: Outcome.INVALID_NUMBER,
    3130: _OURS,  # our number is taken for spam
    3140: _OURS,  # our caller id may not originate calls
    4000: _ENDED,
    4010: _ENDED,
    4020: _ENDED,
    4030: _ENDED,
    5000: _FAILED,
    5010: _FAILED,
    5020: _FAILED,
    5030: Outcome.THROTTLED,  # concurrency limit: refused at once, India has no queue
    6000: _ENDED,  # our own time limit
    6010: Outcome.NO_ANSWER,
    6020: _FAILED,
    7011: _OURS,
    7012: _OURS,
    7013: _OURS,
    7014: _OURS,
    7022: _OURS,
    7023: _OURS,
    7024: _OURS,
    7032: _OURS,
    7033: _OURS,
    7034: _OURS,
    8011: _OURS,
    8012: _OURS,
    8013: _OURS,
    8014: _OURS,
    9000: Outcome.CANCELED,
    9100: Outcome.MACHINE,
    9110: _ENDED,
}

_STATUSES: dict[str, Outcome] = {
    "completed": _ENDED,
    "busy": Outcome.BUSY,
    "no-answer": Outcome.NO_ANSWER,
    "timeout": Outcome.NO_ANSWER,
    "failed": _FAILED,
    "cancel": Outcome.CANCELED,
}

# These stay what they are although somebody picked up: the call was ours to break, or a machine's to hear.
_STAND_AFTER_ANSWER = frozenset({_ENDED, _OURS, Outcome.MACHINE})


def is_listed(code: int | None) -> bool:
    """Whether we know this code, or none was sent. An alarm belongs to every code that is not listed."""
    return code is None or code == 0 or code in CAUSES


def classify(code: int | None, call_status: str, answered: bool) -> Outcome:
    """Return our word for a hang-up: by its code first, by `CallStatus` second, durations never.

    Once a call was answered no network code can undo it: a parent who heard us must not look like one never reached.
    An unlisted code on an unanswered call is UNKNOWN, whatever the status says.
    """
    if code in CAUSES:
        return _by_code(CAUSES[code], call_status, answered)
    if answered:
        return _ENDED
    if not is_listed(code):
        return Outcome.UNKNOWN
    return _STATUSES.get(call_status, Outcome.UNKNOWN)


def _by_code(outcome: Outcome, call_status: str, answered: bool) -> Outcome:
    if answered:
        return outcome if outcome in _STAND_AFTER_ANSWER else _ENDED
    if outcome is _ENDED:
        # A normal ending of a call that we did not see answered: the hang-up may simply have overtaken the answer.
        return _STATUSES.get(call_status, _ENDED)
    return outcome
