"""How often a webhook is tried, how it is signed, and what goes wrong with it on purpose."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from plivo.utils import validate_v3_signature

from carrier.exchange.transport import Reply, Unreachable
from carrier.exchange.webhooks import Delivery, parse_fragment
from tests.unit.exchange.rehearsal import ANSWERS, HOME, TOKEN, Rehearsal

BROKEN = Reply(500, {}, b"")


@pytest.mark.parametrize(
    ("fragment", "delivery"),
    [
        ("", Delivery()),
        ("ct=100&rt=5000&tt=6000&rc=3&rp=4xx,5xx", Delivery(100, 5000, 6000, 3, ("4xx", "5xx"))),
        ("ct=50&rt=99999&rc=6&rp=never", Delivery()),
        ("rc=0", Delivery(retries=0)),
    ],
)
def test_the_fragment_sets_time_outs_and_retries(fragment: str, delivery: Delivery) -> None:
    assert parse_fragment(fragment) == delivery


def test_every_webhook_is_signed_so_that_the_sdk_accepts_it(exchange: Rehearsal) -> None:
    exchange.call(ANSWERS, answer_url=f"{HOME}/answer?t=4f1c#rc=2")
    url = {"answer": f"{HOME}/answer?t=4f1c"}
    for heard in exchange.customer.heard:
        form = {key: value for key, value in heard.form.items() if key != "t"}
        signed = (heard.headers["X-Plivo-Signature-V3-Nonce"], TOKEN, heard.headers["X-Plivo-Signature-V3"])
        assert validate_v3_signature("POST", url.get(heard.kind, f"{HOME}/{heard.kind}"), *signed, form)


@pytest.mark.parametrize(
    ("fragment", "tries"), [("", 1), ("#rc=3&rp=5xx", 4), ("#rc=3&rp=4xx", 1), ("#rc=2&rp=all", 3)]
)
def test_a_500_is_tried_again_only_where_the_fragment_says_so(exchange: Rehearsal, fragment: str, tries: int) -> None:
    exchange.customer.documents["hangup"] = lambda form: BROKEN
    exchange.call(ANSWERS, hangup_url=f"{HOME}/hangup{fragment}")
    assert len(exchange.customer.got("hangup")) == tries
    (entry,) = [entry for entry in exchange.journal("webhook") if entry["kind"] == "hangup"]
    assert (entry["status"], entry["tries"]) == (500, tries)


def test_a_time_out_is_tried_once_more_by_default(exchange: Rehearsal) -> None:
    answers = iter([Unreachable("rt", "too slow"), "<Hangup/>"])

    def slow_then_quick(form: dict[str, str]) -> str:
        answer = next(answers)
        if isinstance(answer, Unreachable):
            raise answer
        return str(answer)

    exchange.customer.documents["answer"] = slow_then_quick
    exchange.call(ANSWERS)
    assert exchange.customer.kinds == ["ring", "answer", "answer", "hangup"]


def test_nobody_takes_a_notice_and_the_call_goes_on(exchange: Rehearsal) -> None:
    exchange.customer.documents["ring"] = lambda form: BROKEN
    exchange.fault(on="webhook:ring", do="duplicate")
    call = exchange.call(ANSWERS)
    assert call.answered_at is not None
    assert exchange.customer.kinds == ["ring", "ring", "answer", "hangup"]


def test_a_webhook_kept_back_is_sent_at_last_even_if_nothing_follows(exchange: Rehearsal) -> None:
    exchange.fault(on="webhook:hangup", do="reorder")
    exchange.call(ANSWERS)
    assert exchange.customer.kinds[-1] == "hangup"


def test_the_wait_between_two_tries_is_a_switch(exchange: Rehearsal) -> None:
    exchange.switch(retry_wait_s=7.0)
    exchange.customer.documents["hangup"] = lambda form: BROKEN
    exchange.call(ANSWERS, hangup_url=f"{HOME}/hangup#rc=2&rp=all")
    first, second, third = (one.at_s for one in exchange.customer.heard if one.kind == "hangup")
    assert (second - first, third - second) == (7.0, 7.0)


def test_each_try_has_a_fresh_nonce_unless_switched(exchange: Rehearsal) -> None:
    exchange.customer.documents["hangup"] = lambda form: BROKEN
    for same in (False, True):
        exchange.switch(retry_same_nonce=same)
        exchange.customer.heard.clear()
        exchange.call(ANSWERS, hangup_url=f"{HOME}/hangup#rc=1&rp=all")
        nonces = {one.headers["X-Plivo-Signature-V3-Nonce"] for one in exchange.customer.heard if one.kind == "hangup"}
        assert len(nonces) == (1 if same else 2)


@pytest.mark.parametrize(
    ("rule", "kinds"),
    [
        ({"on": "webhook:ring", "do": "drop"}, ["answer", "hangup"]),
        ({"on": "webhook:ring", "do": "reorder"}, ["answer", "ring", "hangup"]),
        ({"on": "webhook:ring", "do": "delay", "seconds": 20}, ["answer", "hangup", "ring"]),
        ({"on": "webhook:hangup", "do": "duplicate", "copies": 3}, ["ring", "answer", "hangup", "hangup", "hangup"]),
        ({"on": "webhook:any", "do": "drop", "nth": 1}, ["answer", "hangup"]),
    ],
)
def test_webhooks_go_wrong_on_purpose(exchange: Rehearsal, rule: dict[str, Any], kinds: list[str]) -> None:
    exchange.customer.documents["answer"] = "<Wait length='5'/>"
    exchange.fault(**rule)
    exchange.call(ANSWERS)
    assert exchange.customer.kinds == kinds


def test_a_call_without_hangup_url_may_tell_its_answer_url(exchange: Rehearsal) -> None:
    exchange.call(ANSWERS, hangup_url="")
    assert exchange.customer.kinds == ["ring", "answer"]
    exchange.switch(hangup_falls_to_answer_url=True)
    exchange.customer.heard.clear()
    exchange.call(replace(ANSWERS, ring_s=1), hangup_url="")
    assert [form["Event"] for form in exchange.customer.got("answer")] == ["StartApp", "Hangup"]
