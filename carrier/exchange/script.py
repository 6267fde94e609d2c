"""An answered call: fetching its documents and performing them element by element."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass, field

from . import causes
from .audio import wav_bytes
from .call import Call
from .causes import Verdict
from .line import CallOver, Line, Party
from .office import Office
from .payloads import common_params
from .taping import Tapes
from .transport import Reply
from .webhooks import Undelivered
from .xml import BadXml, Element, is_url, parse

# Hang-up codes by where a document came from: not reached, bad URL, bad method, bad XML.
_CODES = {
    "answer": (7011, 7011, 7011, 8011),
    "fallback": (7011, 7011, 7011, 8011),
    "action": (7012, 7022, 7032, 8012),
    "transfer": (7013, 7023, 7033, 8013),
    "redirect": (7014, 7024, 7034, 8014),
}
METHODS = ("GET", "POST")


@dataclass(frozen=True)
class Source:
    """Where the next document comes from."""

    kind: str
    url: str
    method: str
    params: Mapping[str, str] = field(default_factory=dict)


Handler = Callable[["Script", Element], Awaitable[Source | None]]


class Script:
    """Performs documents on a line until the call is over; then `close` leaves its sound behind."""

    def __init__(
        self,
        call: Call,
        line: Line,
        party: Party,
        office: Office,
        handlers: Mapping[str, Handler],
        hang_up: Callable[[Verdict, float], None],
        pick_up: Callable[[Script, float], None],
    ) -> None:
        """`pick_up` is called when an element answers a call that comes in."""
        self.call = call
        self.line = line
        self.party = party
        self.office = office
        self.tapes = Tapes(call, line, office)
        self.record: Element | None = None  # that a person is speaking into
        self._timers: list[asyncio.TimerHandle] = []
        self._hang_up = hang_up
        self._pick_up = pick_up
        self._handlers = handlers
        self._transfer: Source | None = None

    async def run(self) -> None:
        """Perform the call from its answer URL on. Ends by CallOver, or by cancellation when somebody hangs up."""
        order = self.call.order
        source = Source("answer", order.answer_url, order.answer_method)
        while True:
            try:
                source = await self._next(source)
            except asyncio.CancelledError:
                if self._transfer is None:
                    raise
                source, self._transfer = self._transfer, None
                self._resume()

    def transfer_to(self, url: str, method: str, task: asyncio.Task[None]) -> None:
        """Leave the present document for another."""
        self._transfer = Source("transfer", url, method)
        task.cancel()

    def forget_transfer(self) -> None:
        """The call ends before its transfer happens."""
        self._transfer = None

    def _resume(self) -> None:
        task = asyncio.current_task()
        if task is not None:
            task.uncancel()
        self.line.catch_up()
        self.line.stop_listening()
        self.tapes.end_said(self.line.now_s)

    async def _next(self, source: Source) -> Source:
        try:
            document = await self._document(source)
        except _Failed as failed:
            fallback = self._fallback(source, failed)
            if fallback is None:
                raise CallOver(Verdict(failed.code, causes.ERROR)) from None
            return fallback
        following = await self.perform(document)
        if following is None:
            raise CallOver(Verdict(4010, causes.ANSWER_XML))
        return following

    async def before_answer(self, prompts: tuple[Element, ...]) -> Source | None:
        """Perform elements that do not answer a call which comes in."""
        for element in prompts:
            following = await self._handlers[element.name](self, element)
            if following is not None:
                return following
        return None

    async def perform(self, document: tuple[Element, ...]) -> Source | None:
        """Perform elements in order; return the document that replaces the rest, if one does."""
        for element in document:
            self._answer_for(element)
            following = await self._handlers[element.name](self, element)
            if following is not None:
                return following
        return None

    def _answer_for(self, element: Element) -> None:
        """A call that comes in is answered by its first element, unless that speaks before the answer, or hangs up."""
        if self.call.answered_at is None and element.name not in ("PreAnswer", "Hangup"):
            self._pick_up(self, self.line.now_s)

    def _fallback(self, source: Source, failed: _Failed) -> Source | None:
        order, switches = self.call.order, self.office.switches()
        suits = source.kind == "answer" or (switches.fallback_for == "any" and source.kind != "fallback")
        wanted = not failed.bad_xml or switches.bad_xml_uses_fallback
        if suits and wanted and order.fallback_url:
            return Source("fallback", order.fallback_url, order.fallback_method)
        return None

    async def _document(self, source: Source) -> tuple[Element, ...]:
        unreached, bad_url, bad_method, bad_xml = _CODES[source.kind]
        if not is_url(source.url):
            raise _Failed(bad_url)
        if source.method not in METHODS:
            raise _Failed(bad_method)
        try:
            reply = await self.ask(source.kind, source.url, source.method, source.params)
        except Undelivered:
            raise _Failed(unreached) from None
        switches = self.office.switches()
        try:
            kind = reply.headers.get("content-type", "")
            document = parse(reply.body, kind, strict=switches.strict_unknown, woman_hindi=switches.woman_hindi)
        except BadXml as error:
            self.note("bad_xml", kind=source.kind, reason=str(error))
            raise _Failed(bad_xml, bad_xml=True) from None
        self.office.player.prefetch(_clips(document))
        return document

    async def ask(self, kind: str, url: str, method: str, params: Mapping[str, str]) -> Reply:
        """Send a request about this call and let the line's time catch up. Raises Undelivered."""
        event = "StartApp" if kind in ("answer", "fallback") else self.office.switches().action_event
        whole = common_params(self.call, self.office.account.auth_id, event) | dict(params)
        try:
            return await self.office.webhooks.deliver(self.call.uuid, kind, url, method, whole)
        finally:
            self.line.catch_up()

    async def act(self, element: Element, params: Mapping[str, str]) -> Source | None:
        """Call an element's action: its document replaces the rest, unless redirect is false."""
        url = element.get("action")
        if not url:
            return None
        method = element.attributes["method"]
        if element.flag("redirect"):
            return Source("action", url, method, params)
        if is_url(url) and method in METHODS:
            try:
                await self.ask("action", url, method, params)
            except Undelivered:
                self.note("action_failed", url=url)
        return None

    def hang_up_at(self, at_s: float) -> None:
        """End the call at loop time `at_s`, whatever it is doing then."""
        self._timers.append(self.office.loop.call_at(at_s, self._hang_up, Verdict(6000, causes.PLIVO), at_s))

    def note(self, event: str, **facts: object) -> None:
        """Write into the journal what just happened on this line."""
        self.office.note(self.line.now_s, event, call=self.call.uuid, **facts)

    def close(self, ended_s: float) -> None:
        """The call is over: end recordings and timers."""
        for timer in self._timers:
            timer.cancel()
        self._end_record_by_hangup(ended_s)
        self.tapes.end_sessions(ended_s)

    def sound(self, ended_s: float) -> bytes:
        """Return the call as a WAV file: what the person heard on the left, what they said on the right."""
        offsets = self._offsets(self.line.answered_s, ended_s)
        self.line.spoken.cut(offsets[1])
        return wav_bytes(self.line.heard_between(*offsets), self.line.spoken.samples(*offsets))

    def _end_record_by_hangup(self, ended_s: float) -> None:
        params = self.tapes.end_said(ended_s)
        if self.record is None or not params or not self.office.switches().record_action_on_hangup:
            return
        whole = common_params(self.call, self.office.account.auth_id, self.office.switches().action_event) | params
        url, method = self.record.get("action") or "", self.record.attributes["method"]
        self.office.tell(self.call.uuid, "action", url, method, whole | {"Digits": ""})

    def _offsets(self, begin_s: float, end_s: float) -> tuple[float, float]:
        return begin_s - self.line.answered_s, end_s - self.line.answered_s


def _clips(document: tuple[Element, ...]) -> Iterator[str]:
    """Yield what may be played before the document is left."""
    for element in document:
        if element.name in ("Redirect", "Hangup"):
            return
        if element.name == "Play":
            yield element.text
        yield from _clips(element.children)


class _Failed(Exception):
    def __init__(self, code: int, *, bad_xml: bool = False) -> None:
        super().__init__(str(code))
        self.code = code
        self.bad_xml = bad_xml
