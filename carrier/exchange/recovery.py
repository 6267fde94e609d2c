"""Bringing the exchange back from its journal: what was finished is known, what was up is lost, what waited rings."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from .call import Call, Order, Recording
from .causes import NAMES, Verdict
from .journal import Entry
from .office import Office
from .switchboard import Switchboard


def recover(entries: Iterable[Entry], switchboard: Switchboard, office: Office) -> None:
    """Replay a journal and go on from its end.

    1. Calls and recordings are known again, and how often each number rang.
    2. Calls that were ringing or answered end with 5000 Network Error and a hang-up webhook.
    3. Webhooks of finished calls and recordings that had not been tried to the end are sent.
    4. Calls that waited for their turn are dialled.
    """
    replay = _Replay(switchboard, office)
    for entry in entries:
        replay.take(entry)
    replay.go_on()


class _Replay:
    def __init__(self, switchboard: Switchboard, office: Office) -> None:
        self._switchboard = switchboard
        self._office = office
        self._announcements: dict[str, tuple[Recording, Entry]] = {}
        self._takers = {
            "accepted": self._accepted,
            "called_in": self._called_in,
            "leg": self._leg,
            "dialled": self._dialled,
            "ringing": self._ringing,
            "answered": self._answered,
            "ended": self._ended,
            "recording": self._recording,
            "recording_deleted": self._recording_deleted,
            "webhook": self._webhook,
        }

    def take(self, entry: Entry) -> None:
        taker = self._takers.get(entry["event"])
        if taker is not None:
            taker(entry)

    def go_on(self) -> None:
        for call in list(self._switchboard.calls.values()):
            if call.state == "queued":
                self._switchboard.queue.append(call)
            elif call.state != "ended":
                self._switchboard.lose(call)
            elif "hangup" not in call.told:
                self._switchboard.tell_hangup(call)
        for recording, entry in self._announcements.values():
            self._announce(recording, entry)
        self._switchboard.pump()

    def _announce(self, recording: Recording, entry: Entry) -> None:
        call = self._switchboard.calls[recording.call_uuid]
        url, method = entry["callback_url"], entry["callback_method"]
        self._office.announce(call, recording, entry["kind"], url, method, late=False)

    def _call(self, entry: Entry) -> Call:
        return self._switchboard.calls[entry["call"]]

    def _accepted(self, entry: Entry) -> None:
        order = Order(entry["from"], entry["to"], **entry["order"])
        self._switchboard.enlist(Call(entry["call"], entry["request"], order, _at(entry)))

    def _called_in(self, entry: Entry) -> None:
        order, at = Order(entry["from"], entry["to"], **entry["order"]), _at(entry)
        call = Call(entry["call"], entry["call"], order, at, dialled_at=at, ringing_at=at, direction="inbound")
        self._switchboard.enlist(call)
        self._switchboard.called_in += 1

    def _leg(self, entry: Entry) -> None:
        order, at = Order(entry["from"], entry["to"], "", parent_call_uuid=entry["parent"]), _at(entry)
        self._switchboard.enlist(Call(entry["call"], entry["call"], order, at, dialled_at=at))
        self._switchboard.rings[entry["to"]] += 1

    def _dialled(self, entry: Entry) -> None:
        call = self._call(entry)
        call.dialled_at, call.ring = _at(entry), entry["ring"]
        self._switchboard.rings[entry["to"]] += 1

    def _ringing(self, entry: Entry) -> None:
        self._call(entry).ringing_at = _at(entry)

    def _answered(self, entry: Entry) -> None:
        self._call(entry).answered_at = _at(entry)

    def _ended(self, entry: Entry) -> None:
        call = self._call(entry)
        code = entry["code"] if entry["code"] in NAMES else 0
        call.ended_at, call.verdict = _at(entry), Verdict(code, entry["source"])

    def _recording(self, entry: Entry) -> None:
        recording = self._office.recordings.restore(entry, self._call(entry))
        self._announcements[recording.id] = (recording, entry)

    def _recording_deleted(self, entry: Entry) -> None:
        self._office.recordings.forget(entry["id"])
        self._announcements.pop(entry["id"], None)

    def _webhook(self, entry: Entry) -> None:
        about: Any = entry.get("about")
        if about:
            self._announcements.pop(about, None)
        elif entry["call"]:
            self._call(entry).told.add(entry["kind"])


def _at(entry: Entry) -> datetime:
    return datetime.fromisoformat(entry["at"])
