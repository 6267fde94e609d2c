"""Call/ and Request/: place, list, look up, hang up, cancel."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from flask import Blueprint, Response, request

from ..call import Call, Order
from ..exchange import Exchange
from ..payloads import call_object, live_object, source_name
from .answers import MOST_PER_PAGE, Refused, answer, nothing, page, whole
from .fields import read_body
from .filters import number_suits, text_suits, time_suits, value_suits
from .orders import read_orders

_DAYS_LISTED = 7  # without a filter for the time, lists go back a week


def calls_blueprint(exchange: Exchange) -> Blueprint:
    """Return the routes below an account."""
    blueprint = Blueprint("calls", __name__)
    desk = _Desk(exchange)

    @blueprint.post("/Call/")
    def place() -> Response:
        orders = read_orders(read_body(), exchange.plan.caller_ids)
        return desk.place(orders)

    @blueprint.get("/Call/")
    def calls() -> Response:
        query = request.args.to_dict()
        status = query.pop("status", "")
        return desk.present(status, query) if status in ("live", "queued") else desk.ended(query)

    @blueprint.get("/Call/<uuid>/")
    def call(uuid: str) -> Response:
        return desk.look_up(uuid, request.args.get("status", ""))

    @blueprint.delete("/Call/<uuid>/")
    def hang_up(uuid: str) -> Response:
        return desk.hang_up(uuid)

    @blueprint.delete("/Call/")
    def hang_up_all() -> Response:
        return desk.hang_up_all()

    @blueprint.delete("/Request/<uuid>/")
    def cancel(uuid: str) -> Response:
        return desk.hang_up(uuid)

    return blueprint


class _Desk:
    """Asks the exchange, on its own thread, and shows what it says."""

    def __init__(self, exchange: Exchange) -> None:
        self._exchange = exchange
        self._board = exchange.switchboard

    def place(self, orders: list[Order]) -> Response:
        accepted = self._exchange.ask(lambda: [self._board.accept(order) for order in orders])
        status = self._exchange.rules.switches.placed_status
        uuids = [call.request_uuid for call, _ in accepted]
        if len(uuids) > 1:
            return answer(status, message="calls fired", request_uuid=uuids)
        message = "call queued" if accepted[0][1] else "call fired"
        return answer(status, message=message, request_uuid=uuids[0])

    def ended(self, query: Mapping[str, str]) -> Response:
        found = self._exchange.ask(lambda: self._ended(query))
        return page(f"{self._path}/Call/", query, found, self._show_ended)

    def _ended(self, query: Mapping[str, str]) -> list[Call]:
        """Return the finished calls that are listed by now, the latest first."""
        now = self._exchange.loop.instant()
        listed_until = now - timedelta(seconds=self._exchange.rules.switches.cdr_delay_s)
        listed_from = now - timedelta(days=_DAYS_LISTED)
        number = query["to_number"].strip().removeprefix("+") if "to_number" in query else None
        timed = any(name.startswith("end_time") for name in query)
        return [
            call
            for call in reversed(self._board.known(number))
            if call.ended_at is not None
            and call.ended_at <= listed_until
            and (timed or call.ended_at >= listed_from)
            and self._suits(call, query)
        ]

    def _suits(self, call: Call, query: Mapping[str, str]) -> bool:
        order, verdict = call.order, call.verdict
        return (
            verdict is not None
            and call.ended_at is not None
            and number_suits(query, "from_number", order.from_number)
            and number_suits(query, "to_number", order.to_number)
            and text_suits(query, "call_direction", call.direction)
            and text_suits(query, "parent_call_uuid", order.parent_call_uuid)
            and text_suits(query, "hangup_source", source_name(call, self._exchange.rules.switches))
            and value_suits(query, "hangup_cause_code", verdict.code)
            and value_suits(query, "bill_duration", call.duration_s)
            and time_suits(query, "end_time", call.ended_at)
        )

    def present(self, status: str, query: Mapping[str, str]) -> Response:
        found = self._exchange.ask(lambda: [call.uuid for call in self._present(status) if _is_asked(call, query)])
        if "limit" in query:
            limit, offset = whole(query, "limit", 1, MOST_PER_PAGE, 20), whole(query, "offset", 0, 10**9, 0)
            found = found[offset : offset + limit]
        return answer(calls=found)

    def _present(self, status: str) -> list[Call]:
        """Return the calls that wait or live and are listed by now, the oldest first."""
        listed_until = self._exchange.loop.instant() - timedelta(seconds=self._exchange.rules.switches.list_delay_s)
        states = ("queued",) if status == "queued" else ("ringing", "in-progress")
        return [c for c in self._board.present() if c.state in states and c.accepted_at <= listed_until]

    def look_up(self, uuid: str, status: str) -> Response:
        call = self._exchange.ask(lambda: self._listed(uuid, status))
        if call is None:
            raise Refused(404, "call not found")
        return answer(**(live_object(call) if status else self._show_ended(call)))

    def _listed(self, uuid: str, status: str) -> Call | None:
        call = self._board.find(uuid)
        if call is None:
            return None
        if status in ("live", "queued"):
            return call if call in self._present(status) else None
        delay = timedelta(seconds=self._exchange.rules.switches.cdr_delay_s)
        over = call.ended_at is not None and call.ended_at + delay <= self._exchange.loop.instant()
        return call if over else None

    def hang_up(self, uuid: str) -> Response:
        if not self._exchange.ask(lambda: self._hang_up(uuid)):
            raise Refused(404, "call not found")
        return nothing()

    def _hang_up(self, uuid: str) -> bool:
        call = self._board.find(uuid)
        return call is not None and self._board.hang_up(call)

    def hang_up_all(self) -> Response:
        self._exchange.ask(lambda: [self._board.hang_up(call) for call in self._board.present()])
        return nothing()

    def _show_ended(self, call: Call) -> dict[str, Any]:
        return call_object(call, self._exchange.plan.account.auth_id, self._exchange.rules.switches)

    @property
    def _path(self) -> str:
        return f"/v1/Account/{self._exchange.plan.account.auth_id}"


def _is_asked(call: Call, query: Mapping[str, str]) -> bool:
    return (
        number_suits(query, "from_number", call.order.from_number)
        and number_suits(query, "to_number", call.order.to_number)
        and text_suits(query, "call_direction", call.direction)
    )
