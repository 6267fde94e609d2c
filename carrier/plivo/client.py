"""Plivo as our carrier.

Nothing here uses `plivo.RestClient`. Its `calls.create` posts up to three times when Plivo answers 5xx, so it may ring
a parent three times; and its look-ups, although safe to repeat, know no host but api.plivo.com without overriding its
internals, print to standard output, lose the status of an error, crash on an answer of another shape and are not
thread-safe. A GET of our own is five lines over the same one-request function as the dial; the SDK remains the witness
in the tests that both ask for the same paths.
"""

from __future__ import annotations

import http.client
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import BinaryIO
from urllib.parse import parse_qs, urlencode, urlsplit

from carrier.contract import (
    CallState,
    CarrierCall,
    CarrierRecording,
    Dial,
    Placed,
    RecordingMissing,
    RecordingRefused,
    RecordingTooLarge,
)
from carrier.plivo.dialling import dial_body, is_id, read_answer
from carrier.plivo.records import number, read_call, read_ended, read_recording
from carrier.plivo.wire import Answer, Budget, NeverSent, NoAnswer, Origin, Request, ask, chunks, opened
from ptm.errors import CarrierUnavailable, NotPlaced, OutcomeUnknown, SettingsError

API_URL = "https://api.plivo.com"
MEDIA_DOMAIN = ".plivo.com"

_PAGE = 20  # Plivo's largest page
_MAX_DIAL_ANSWER_BYTES = 64 * 1024
_MAX_LIST_ANSWER_BYTES = 4 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Limits:
    """How long requests may take and how far lists are followed.

    A lease on an attempt must outlive `dial.total_s` many times over. `max_look_ups` bounds the single questions that
    one `find` asks; `max_pages` the pages of any list.
    """

    dial: Budget = field(default_factory=Budget)
    question: Budget = field(default_factory=Budget)
    recording: Budget = field(default_factory=lambda: Budget(total_s=60.0))
    max_look_ups: int = 100
    max_pages: int = 10_000


class PlivoCarrier:
    """A `Carrier` that speaks Plivo's REST API. Holds no connection and no state: threads may share one."""

    def __init__(
        self,
        auth_id: str,
        auth_token: str,
        *,
        api_url: str = API_URL,
        recording_urls: Sequence[str] = (),
        limits: Limits | None = None,
    ) -> None:
        """`recording_urls` names further origins that recordings may come from, `http://exchange:8800` for one.

        Raises SettingsError.
        """
        if len(auth_id) != 20 or not auth_id.isalnum() or not auth_id.isascii() or auth_id[:2] not in ("MA", "SA"):
            raise SettingsError("PLIVO_AUTH_ID must be the 20 letters and digits, MA or SA first, of the Plivo console")
        if not auth_token.strip():
            raise SettingsError("PLIVO_AUTH_TOKEN is empty: set it to the auth token shown in the Plivo console")
        self._credentials = (auth_id, auth_token)
        self._account = f"/v1/Account/{auth_id}"
        self._api = _origin(api_url, "carrier.api_url")
        self._recording_origins = {self._api, *(_origin(url, "carrier.recording_urls") for url in recording_urls)}
        self._limits = limits or Limits()

    def place(self, dial: Dial) -> Placed:
        """Post one dial, once. Raises NotPlaced, Throttled or OutcomeUnknown."""
        request = self._request("POST", "Call/", body=dial_body(dial))
        try:
            answer = ask(request, self._limits.dial, max_bytes=_MAX_DIAL_ANSWER_BYTES)
        except NeverSent as error:
            raise NotPlaced(f"the carrier cannot be reached: {error}", permanent=False) from error
        except NoAnswer as error:
            raise OutcomeUnknown(f"no readable answer to a dial: {error}") from error
        return read_answer(answer.status, answer.headers, answer.body)

    def hang_up(self, call_id: str) -> None:
        """End a live call. Raises CarrierUnavailable."""
        self._delete(f"Call/{_id(call_id)}/")

    def cancel(self, request_id: str) -> None:
        """Withdraw a dial that waits at the carrier. Raises CarrierUnavailable."""
        self._delete(f"Request/{_id(request_id)}/")

    def delete_recording(self, recording_id: str) -> None:
        """Delete a recording at the carrier. Raises CarrierUnavailable."""
        self._delete(f"Recording/{_id(recording_id)}/")

    def look_up(self, call_id: str) -> CarrierCall | None:
        """Ask for one call, in the order in which a call moves, so that it cannot slip past.

        Raises CarrierUnavailable.
        """
        for state in ("queued", "live"):
            if call := self._present(_id(call_id), state):
                return call
        record = self._get(f"Call/{call_id}/")
        return None if record is None else read_ended({"call_uuid": call_id, **record})

    def find(self, to: str, since: datetime) -> tuple[CarrierCall, ...]:
        """Return the calls to `to`: queued, then live, then ended, the order in which a call moves.

        Calls that wait or live are never left out for their age. Raises CarrierUnavailable, also for every doubt.
        """
        found: dict[str, CarrierCall] = {}
        for state in ("queued", "live"):
            for call in self._all_present(state, to):
                found[call.call_id] = call
        for call in self._all_ended(to, since):
            found[call.call_id] = call
        return tuple(call for call in found.values() if call.to == number(to))

    def recordings(self, since: datetime) -> Iterator[CarrierRecording]:
        """Yield the recordings added since `since`, in the carrier's order. Raises CarrierUnavailable."""
        for record in self._pages("Recording/", {"add_time__gte": _utc_text(since)}):
            recording = read_recording(record)
            if recording.added_at is None or recording.added_at >= since - timedelta(seconds=1):
                yield recording

    def fetch_recording(self, url: str, target: BinaryIO, *, max_bytes: int) -> int:
        """Stream the recording to `target`, credentials included, from the carrier's hosts only.

        Returns its size. Raises RecordingRefused, RecordingMissing, RecordingTooLarge or CarrierUnavailable.
        """
        request = Request("GET", self._recording_origin(url), _path(url), self._credentials)
        try:
            with opened(request, self._limits.recording) as response:
                _check_recording(response, max_bytes)
                return _copy(response, target, max_bytes)
        except (NeverSent, NoAnswer) as error:
            raise CarrierUnavailable(f"the recording could not be fetched: {error}") from error

    def _recording_origin(self, url: str) -> Origin:
        """Only the carrier is asked: a URL in a webhook must not steer us to a neighbour, nor our token anywhere."""
        try:
            origin = Origin.of(url)
        except ValueError as error:
            raise RecordingRefused(f"the recording's URL cannot be used: {error}") from error
        at_plivo = origin.host.endswith(MEDIA_DOMAIN) and origin.scheme == "https" and origin.port == 443
        if not at_plivo and origin not in self._recording_origins:
            raise RecordingRefused(
                f"the recording's URL points at {origin.host}:{origin.port}, which is not the carrier's"
            )
        return origin

    def _request(
        self, method: str, path: str, query: dict[str, str] | None = None, body: bytes | None = None
    ) -> Request:
        target = f"{self._account}/{path}" + (f"?{urlencode(query)}" if query else "")
        return Request(method, self._api, target, self._credentials, body)

    def _ask(self, request: Request) -> Answer | None:
        """Return a 2xx answer, None for 404. Raises CarrierUnavailable for everything else."""
        try:
            answer = ask(request, self._limits.question, max_bytes=_MAX_LIST_ANSWER_BYTES)
        except (NeverSent, NoAnswer) as error:
            raise CarrierUnavailable(f"the carrier did not answer: {error}") from error
        if answer.status == 404:
            return None
        if not 200 <= answer.status < 300:
            raise CarrierUnavailable(f"the carrier answered {answer.status}")
        return answer

    def _delete(self, path: str) -> None:
        self._ask(self._request("DELETE", path))

    def _get(self, path: str, query: dict[str, str] | None = None) -> dict[str, object] | None:
        """Return the JSON object at `path`, None for 404. Raises CarrierUnavailable, also for what is no object."""
        answer = self._ask(self._request("GET", path, query))
        if answer is None:
            return None
        try:
            record = json.loads(answer.body)
        except (ValueError, RecursionError) as error:
            raise CarrierUnavailable("the carrier's answer is not JSON") from error
        if not isinstance(record, dict) or "error" in record:
            raise CarrierUnavailable("the carrier's answer is not what was asked for")
        return record

    def _present(self, call_id: str, state: CallState) -> CarrierCall | None:
        record = self._get(f"Call/{call_id}/", {"status": state})
        return None if record is None else read_call(call_id, record, state)

    def _all_present(self, state: CallState, to: str) -> Iterator[CarrierCall]:
        call_ids = self._present_ids(state, to)
        if len(call_ids) > self._limits.max_look_ups:
            raise CarrierUnavailable(f"{len(call_ids)} {state} calls: too many to look up one by one")
        for call_id in call_ids:
            yield self._listed(call_id, state)

    def _listed(self, call_id: str, state: CallState) -> CarrierCall:
        """Look up a call that was listed a moment ago: it may have moved on, but must be somewhere, with a number."""
        call = self._present(call_id, state) or self.look_up(call_id)
        if call is None or not call.to:
            raise CarrierUnavailable(f"a {state} call was listed but cannot be looked up now")
        return call

    def _present_ids(self, state: CallState, to: str) -> list[str]:
        """List ids page by page until a page brings nothing new: this list has no link to its next page."""
        seen: dict[str, None] = {}
        for _ in range(self._limits.max_pages):
            query = {"status": state, "to_number": number(to), "limit": str(_PAGE), "offset": str(len(seen))}
            page = (self._get("Call/", query) or {}).get("calls")
            if not isinstance(page, list) or not all(isinstance(entry, str) and is_id(entry) for entry in page):
                raise CarrierUnavailable(f"the list of {state} calls cannot be read")
            fresh = [entry for entry in page if entry not in seen]
            seen.update(dict.fromkeys(fresh))
            if not fresh or len(page) < _PAGE:
                return list(seen)
        raise CarrierUnavailable(f"the list of {state} calls has no end")

    def _all_ended(self, to: str, since: datetime) -> Iterator[CarrierCall]:
        """Whatever was started after `since` also ended after it. One second is allowed for times cut to seconds."""
        for record in self._pages("Call/", {"to_number": number(to), "end_time__gte": _utc_text(since)}):
            call = read_ended(record)
            if not call.call_id or not call.to:
                raise CarrierUnavailable("a call detail record without id or number")
            if call.started_at is None or call.started_at >= since - timedelta(seconds=1):
                yield call

    def _pages(self, path: str, query: dict[str, str]) -> Iterator[dict[str, object]]:
        """Yield the objects of a list. Of the link to the next page only offset or cursor is taken, never the host."""
        position = {"offset": "0"}
        visited: set[str] = set()
        for _ in range(self._limits.max_pages):
            page = self._get(path, query | {"limit": str(_PAGE)} | position)
            objects = page.get("objects") if page else None
            if page is None or not isinstance(objects, list) or not all(isinstance(entry, dict) for entry in objects):
                raise CarrierUnavailable(f"the list {path} cannot be read")
            yield from objects
            visited.add(urlencode(position))
            position = _next_position(page)
            if not position:
                return
            if urlencode(position) in visited:
                break
        raise CarrierUnavailable(f"the list {path} has no end")


def _next_position(page: dict[str, object]) -> dict[str, str]:
    """Return where the next page begins, nothing at the end. A cursor and an offset must not ride together."""
    meta = page.get("meta")
    link = meta.get("next") if isinstance(meta, dict) else None
    if not link:
        return {}
    query = parse_qs(urlsplit(str(link)).query)
    for name in ("cursor", "offset"):
        if name in query:
            return {name: query[name][0]}
    raise CarrierUnavailable("the link to the next page cannot be read")


def _origin(url: str, key: str) -> Origin:
    try:
        origin = Origin.of(url)
    except ValueError as error:
        raise SettingsError(f"{key} is not a URL: {error}; write it like {API_URL}") from error
    parts = urlsplit(url)
    if parts.path not in ("", "/") or parts.query or parts.fragment:
        raise SettingsError(f"{key} has more than a scheme, a host and a port; write it like {API_URL}")
    if origin.scheme == "http" and (origin.host + ".").endswith("plivo.com."):
        raise SettingsError(f"{key} would send the auth token in the clear; write https://")
    return origin


def _id(text: str) -> str:
    if not is_id(text):
        raise ValueError("not an id of the carrier's; an empty one in a DELETE would end every call")
    return text


def _path(url: str) -> str:
    parts = urlsplit(url)
    return (parts.path or "/") + (f"?{parts.query}" if parts.query else "")


def _utc_text(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S")


def _check_recording(response: http.client.HTTPResponse, max_bytes: int) -> None:
    if response.status == 404:
        raise RecordingMissing("the carrier has no such recording, or not yet")
    if response.status != 200:
        raise CarrierUnavailable(f"the carrier answered {response.status} for a recording")
    if response.length is not None and response.length > max_bytes:
        raise RecordingTooLarge(f"the recording has {response.length} bytes, {max_bytes} are allowed")


def _copy(response: http.client.HTTPResponse, target: BinaryIO, max_bytes: int) -> int:
    size = 0
    for chunk in chunks(response, max_bytes):
        size += len(chunk)
        if size > max_bytes:
            raise RecordingTooLarge(f"the recording has more than the {max_bytes} bytes that are allowed")
        target.write(chunk)
    return size
