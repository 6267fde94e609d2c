"""A whole call over real sockets: family key, speech, goodbye; every webhook signed so that the SDK accepts it."""

from __future__ import annotations

from dataclasses import replace

from carrier.contract import Dial
from carrier.plivo.client import PlivoCarrier
from tests.contract.customer import Customer
from tests.contract.exchange import PARENT, OpenExchange
from tests.unit.exchange.sounds import tone, wav


def test_a_parent_confirms_listens_speaks_and_hears_goodbye(
    carrier: PlivoCarrier, dial: Dial, customer: Customer, exchange: OpenExchange
) -> None:
    home = customer.url
    customer.sounds["audio/hello.wav"] = wav(tone(3.0))
    customer.documents |= {
        "answer": f'<GetDigits action="{home}/family" numDigits="1" timeout="4"><Play>{home}/audio/hello.wav</Play>'
        f"</GetDigits><Redirect>{home}/silent</Redirect>",
        "family": f'<Record action="{home}/said" callbackUrl="{home}/recording" timeout="4" maxLength="30"/>',
        "said": f"<Play>{home}/audio/hello.wav</Play><Hangup/>",
    }
    placed = carrier.place(replace(dial, to=PARENT))
    exchange.until("webhook", 6)
    assert customer.unsigned == []
    assert customer.paths[:4] == ["ring", "answer", "family", "said"]
    assert sorted(customer.paths[4:]) == ["hangup", "recording"]
    assert customer.got("family")[0]["Digits"] == "1"
    (recording,), (hangup,) = customer.got("recording"), customer.got("hangup")
    assert recording["RecordUrl"].startswith(exchange.url)
    assert (hangup["RequestUUID"], hangup["HangupCauseCode"]) == (placed.request_id, "4000")
    assert hangup["BillDuration"] == "60"
    (kept,) = exchange.story("recording")
    assert (kept["text"], kept["cut"]) == ("ਧੰਨਵਾਦ", False)
