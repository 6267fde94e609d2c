"""Webhooks as Plivo sends them: signed, form-encoded, with the time-outs and retries of the URL's fragment."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol
from urllib.parse import parse_qsl, urldefrag, urlencode, urlsplit

from . import signature
from .clock import ClockLoop, iso
from .faults import Fault, Faults
from .switches import Switches
from .transport import Reply, Request, Transport, Unreachable

_REORDER_AT_MOST_S = 30.0
_MOST_SHOWN_BYTES = 20_000
_NODE_HEADER = "x-sunvai-node"  # where a customer says at which node of which tree a call stands
_NO_REPLY_WANTED = ("ring", "record", "hangup", "api_record", "machine", "dial", "api")


class Undelivered(Exception):
    """After all tries nobody answered the webhook with a 2xx."""


class Chronicle(Protocol):
    """Where what happened is written down: the journal's `append`."""

    def __call__(self, at: str, event: str, /, **facts: object) -> None: ...


class Watch(Protocol):
    """Who looks on while a call is under way: the holder of its phone."""

    def __call__(self, call: str, kind: str, /, **facts: object) -> None: ...


@dataclass(frozen=True)
class Delivery:
    """Settings that ride in a callback URL's fragment: milliseconds, counts, kinds of failure."""

    connect_ms: int = 2000
    read_ms: int = 40000
    total_ms: int = 55000
    retries: int = 1
    retry_on: tuple[str, ...] = ("ct", "rt")

    def retries_after(self, failure: str) -> bool:
        return "all" in self.retry_on or failure in self.retry_on


def parse_fragment(fragment: str) -> Delivery:
    """Read `ct=2000&rt=5000&rc=3&rp=all`; what is unknown or out of range keeps Plivo's default."""
    given = dict(parse_qsl(fragment))

    def number(key: str, low: int, high: int, default: int) -> int:
        text = given.get(key, "")
        return int(text) if text.isdecimal() and low <= int(text) <= high else default

    kinds = tuple(kind for kind in given.get("rp", "ct,rt").split(",") if kind in ("4xx", "5xx", "ct", "rt", "all"))
    return Delivery(
        number("ct", 100, 10000, 2000),
        number("rt", 100, 40000, 40000),
        number("tt", 100, 55000, 55000),
        number("rc", 0, 5, 1),
        kinds or ("ct", "rt"),
    )


@dataclass(frozen=True)
class Account:
    """Whose calls these are and with what they are signed. `old_token` is still live while tokens rotate."""

    auth_id: str
    auth_token: str
    main_token: str
    old_token: str = ""

    @property
    def tokens(self) -> tuple[str, ...]:
        return (self.old_token, self.auth_token) if self.old_token else (self.auth_token,)


class Webhooks:
    """Sends webhooks, with the faults and switches in force at the time."""

    def __init__(
        self,
        loop: ClockLoop,
        transport: Transport,
        account: Account,
        faults: Callable[[], Faults],
        switches: Callable[[], Switches],
        chronicle: Chronicle,
        watch: Watch,
    ) -> None:
        """`watch` is shown each webhook whole, with its answer; the chronicle has the short form."""
        self._loop = loop
        self._transport = transport
        self._account = account
        self._faults = faults
        self._switches = switches
        self._chronicle = chronicle
        self._watch = watch
        self._held: dict[str, asyncio.Event] = {}

    async def deliver(
        self, call: str, kind: str, url: str, method: str, params: Mapping[str, str], *, about: str = ""
    ) -> Reply:
        """Send one webhook of a call and return the 2xx answer. Raises Undelivered when tries run out.

        `about` names the recording that the webhook tells of, for the journal.
        """
        fault = self._faults().on_webhook(kind)
        if fault is not None and fault.do == "drop":
            self._note(call, kind, url, 0, 0, about)
            raise Undelivered("dropped on purpose")
        if fault is not None:
            await self._put_off(call, kind, fault)
        copies = fault.copies if fault is not None and fault.do == "duplicate" else 1
        more = [asyncio.ensure_future(self._quietly(call, kind, url, method, params, about)) for _ in range(copies - 1)]
        try:
            return await self._send(call, kind, url, method, params, about)
        finally:
            await asyncio.gather(*more)
            if kind not in _NO_REPLY_WANTED or fault is None or fault.do != "reorder":
                self._let_go(call)

    async def _put_off(self, call: str, kind: str, fault: Fault) -> None:
        if fault.do == "delay":
            await asyncio.sleep(fault.seconds)
        elif fault.do == "reorder" and kind in _NO_REPLY_WANTED:
            event = self._held.setdefault(call, asyncio.Event())
            try:
                await asyncio.wait_for(event.wait(), _REORDER_AT_MOST_S)
            except TimeoutError:
                self._held.pop(call, None)

    def _let_go(self, call: str) -> None:
        held = self._held.pop(call, None)
        if held is not None:
            held.set()

    async def _quietly(
        self, call: str, kind: str, url: str, method: str, params: Mapping[str, str], about: str
    ) -> None:
        try:
            await self._send(call, kind, url, method, params, about)
        except Undelivered:
            return

    async def _send(self, call: str, kind: str, url: str, method: str, params: Mapping[str, str], about: str) -> Reply:
        target, fragment = urldefrag(url)
        if self._switches().unknown_params:
            params = {**params, "CarrierFailoverTriggered": "true", "XFuture": "ਨਵਾਂ"}
        delivery = parse_fragment(fragment)
        nonce = signature.fresh_nonce()
        failure, status, tries, answer, node = "", 0, 0, "", ""
        while True:
            tries += 1
            if tries > 1 and not self._switches().retry_same_nonce:
                nonce = signature.fresh_nonce()
            try:
                reply = await self._transport.send(self._request(target, method, params, delivery, nonce))
                status, failure = reply.status, f"{reply.status // 100}xx"
                answer = reply.body[:_MOST_SHOWN_BYTES].decode("utf-8", "replace")
                node = reply.headers.get(_NODE_HEADER, "")
            except Unreachable as error:
                status, failure = 0, error.kind
            if failure == "2xx" or tries > delivery.retries or not delivery.retries_after(failure):
                break
            await asyncio.sleep(self._switches().retry_wait_s * self._loop.pace.speed)
        self._note(call, kind, url, status, tries, about)
        seen = {"webhook": kind, "method": method, "url": target, "params": dict(params), "status": status}
        self._watch(call, "webhook", **seen, tries=tries, answer=answer, node=node)
        if failure != "2xx":
            raise Undelivered(f"{kind}: {failure} after {tries} tries")
        return reply

    def _request(self, url: str, method: str, params: Mapping[str, str], delivery: Delivery, nonce: str) -> Request:
        form = list(params.items())
        if method == "GET":
            url, form = f"{url}{'&' if urlsplit(url).query else '?'}{urlencode(form)}", []
        account = self._account
        headers = signature.headers(method, url, form, account.tokens, account.main_token, nonce)
        headers["User-Agent"] = "Plivo"
        if method == "POST":
            headers["Content-Type"] = "application/x-www-form-urlencoded; charset=utf-8"
        return Request(
            method,
            url,
            headers,
            urlencode(form).encode() if method == "POST" else None,
            delivery.connect_ms / 1000,
            delivery.read_ms / 1000,
            delivery.total_ms / 1000,
        )

    def _note(self, call: str, kind: str, url: str, status: int, tries: int, about: str) -> None:
        parts = urlsplit(url)
        path = parts.path + (f"?{parts.query}" if parts.query else "")
        facts = {"call": call, "kind": kind, "url": path, "status": status, "tries": tries}
        self._chronicle(iso(self._loop.instant()), "webhook", **facts, **({"about": about} if about else {}))
