"""What a dial says to Plivo and what Plivo's answer means: pure, so that the whole matrix can be read in one place."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping
from email.utils import parsedate_to_datetime

from carrier.contract import Dial, Placed
from ptm.errors import NotPlaced, OutcomeUnknown, Throttled

DEFAULT_RETRY_AFTER_S = 5.0
"""Plivo counts requests over five seconds, so after five the window is empty again."""

MAX_RETRY_AFTER_S = 300.0

is_id = re.compile(r"[0-9A-Za-z_-]{8,64}").fullmatch
"""An id fit to stand in a path: DELETE `Call/` with an empty one would end every call of the account."""

_is_callee = re.compile(r"91[6-9][0-9]{9}").fullmatch
_is_caller_id = re.compile(r"\+?[1-9][0-9]{7,14}").fullmatch
_is_url = re.compile(r"https?://[!-~]+").fullmatch
_NAMES_DESTINATION = re.compile(
    r"\W*(?:the )?(?:to|dst|destination)\W+(?:number|parameter|field|address|is)\b"
    r"[^.]*\b(?:invalid|not valid|not supported|barred|blocked)\b",
    re.IGNORECASE,
)
_LONG_NUMBER = re.compile(r"\+?[0-9]{4,}([0-9]{4})\b")


def dial_body(dial: Dial) -> bytes:
    """Return the JSON of one dial. Raises NotPlaced where the dial could ring anybody but one Indian mobile phone.

    Plivo's `to` dials every number of a `<`-separated list, and `sip:` addresses: nothing but ten digits behind 91
    may ever get there.
    """
    if not _is_callee(dial.to):
        raise NotPlaced("the number is not 91 and ten digits that begin with 6 to 9", permanent=True)
    if not _is_caller_id(dial.from_):
        raise NotPlaced("the caller id is not a phone number: set it to a number rented from Plivo", permanent=False)
    urls = (dial.answer_url, dial.ring_url, dial.hangup_url, dial.fallback_url)
    if not all(_is_url(url) for url in urls):
        raise NotPlaced("a callback URL is not absolute and plain ASCII: look at the public URL", permanent=False)
    fields = {
        "from": dial.from_,
        "to": dial.to,
        "answer_url": dial.answer_url,
        "answer_method": "POST",
        "ring_url": dial.ring_url,
        "ring_method": "POST",
        "hangup_url": dial.hangup_url,
        "hangup_method": "POST",
        "fallback_url": dial.fallback_url,
        "fallback_method": dial.fallback_method,
        "ring_timeout": dial.ring_timeout_s,
        "time_limit": dial.time_limit_s,
    }
    return json.dumps(fields).encode()


def read_answer(status: int, headers: Mapping[str, str], body: bytes) -> Placed:
    """Say what the answer to a dial means; `headers` are by lower-case name.

    | answer                                  | meaning                                                             |
    |-----------------------------------------|---------------------------------------------------------------------|
    | 2xx with a `request_uuid`               | Placed                                                              |
    | 2xx otherwise, 3xx, 408, 5xx            | OutcomeUnknown: somebody may have acted on it                       |
    | 429                                     | Throttled                                                           |
    | 400, 422 that blame the destination     | NotPlaced(permanent)                                                |
    | any other 4xx                           | NotPlaced(not permanent): account, money, compliance or our request |

    Only an error text that names the destination condemns a number. A refused caller id or URL refuses every
    household alike, and none of them may lose its number for it.
    """
    if 200 <= status < 300:
        return _placed(status, body)
    if status == 429:
        raise Throttled(retry_after_s(headers))
    if not 400 <= status < 500 or status == 408:
        raise OutcomeUnknown(f"the carrier answered {status}")
    error = _error_text(body)
    permanent = status in (400, 422) and bool(_NAMES_DESTINATION.match(error))
    raise NotPlaced(
        f"the carrier refused with {status}: {error or _HINTS.get(status, 'no reason given')}", permanent=permanent
    )


_HINTS = {
    401: "check PLIVO_AUTH_ID and PLIVO_AUTH_TOKEN",
    402: "the account has no credit",
    403: "check the compliance and geo permissions of the account",
    404: "check PLIVO_AUTH_ID and the API's address",
}


def _placed(status: int, body: bytes) -> Placed:
    answer = read_object(body)
    request_id = answer.get("request_uuid")
    if not isinstance(request_id, str) or not is_id(request_id):
        raise OutcomeUnknown(f"the carrier answered {status} without a readable request_uuid")
    return Placed(request_id, queued="queued" in str(answer.get("message", "")).lower())


def retry_after_s(headers: Mapping[str, str]) -> float:
    """Return how long to wait: Retry-After in seconds, or as a date counted from the answer's own Date."""
    text = (headers.get("retry-after") or "").strip()
    try:
        wait_s = float(text)
    except ValueError:
        wait_s = _until(text, headers.get("date") or "")
    if not math.isfinite(wait_s) or wait_s < 0:
        return DEFAULT_RETRY_AFTER_S
    return min(max(wait_s, 1.0), MAX_RETRY_AFTER_S)


def _until(date: str, now: str) -> float:
    try:
        return (parsedate_to_datetime(date) - parsedate_to_datetime(now)).total_seconds()
    except (TypeError, ValueError, OverflowError):
        return math.nan


def read_object(body: bytes) -> dict[str, object]:
    """Return the JSON object in `body`, an empty one if there is none."""
    try:
        answer = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    return answer if isinstance(answer, dict) else {}


def _error_text(body: bytes) -> str:
    """Return the carrier's own words, short, on one line, with every phone number cut to its last four digits."""
    text = " ".join(str(read_object(body).get("error", "")).split())
    return _LONG_NUMBER.sub(r"...\1", text)[:200]
