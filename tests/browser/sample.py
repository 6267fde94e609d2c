"""A class in the middle of its calls, with names and words as long and as varied as pages meet them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import select

from ivr.consoles.teacher.phrases import load_phrases
from ptm.models import Message, SchoolClass
from tests.web.district import District, Family

NAMES = (
    "ਹਰਮਨਪ੍ਰੀਤ ਕੌਰ", "Gurnoor Singh", "अनमोल शर्मा", "Simranjit Kaur Brar", "ਜਸਲੀਨ ਕੌਰ", "Arshdeep Singh", "दीपिका कुमारी",
    "Mehakpreet Kaur", "ਅਰਮਾਨ ਸਿੰਘ", "Ravinder Pal Singh Chandigarhia", "Khushi", "ਪ੍ਰਭਜੋਤ ਕੌਰ",
)  # fmt: skip
# How each family's call stands: what is set on its call, and on its newest dial.
STANDS: tuple[tuple[dict[str, object], dict[str, object] | None], ...] = (
    ({"state": "ended", "reach": "recorded", "disposition": "completed"}, None),
    ({"state": "ended", "reach": "heard", "disposition": "completed"}, None),
    ({"state": "open"}, {"state": "answered", "reach": "heard"}),
    ({"state": "open"}, {"state": "ringing"}),
    ({"tries": 1}, {"state": "ended", "outcome": "busy"}),
    ({"state": "ended", "reach": "rang", "disposition": "no_answer"}, None),
    ({"state": "ended", "reach": "unreached", "disposition": "invalid_number"}, None),
    ({"state": "ended", "reach": "recorded", "disposition": "completed"}, None),
    ({"state": "ended", "reach": "answered", "disposition": "partial"}, None),
    ({"state": "ended", "reach": "rang", "disposition": "rejected"}, None),
    ({}, None),
    ({}, None),
)
SAID = (
    ("pa", "ਸਕੂਲ ਵਿੱਚ ਪੀਣ ਵਾਲਾ ਪਾਣੀ ਸਾਫ਼ ਹੋਣਾ ਚਾਹੀਦਾ ਹੈ ਅਤੇ ਪੰਖੇ ਵੀ ਠੀਕ ਕਰਵਾਓ", (0.97, 0.93, 0.9, 0.41, 0.95, 0.6, 0.98)),
    ("hi", "मेरी बेटी को गणित में मदद चाहिए शाम को एक घंटा और पढ़ाइए", (0.99, 0.72, 0.93, 0.95, 0.3, 0.97)),
    (
        "en",
        "please hold the meeting on a sunday because both of us work in the fields",
        (0.9, 0.99, 0.66),
    ),
    ("pa", "ਅਧਿਆਪਕ ਬਹੁਤ ਵਧੀਆ ਹਨ ਧੰਨਵਾਦ", (0.9, 0.95, 0.99)),
)


@dataclass(frozen=True)
class Sample:
    class_id: int
    batch_id: int
    suggestion_id: int
    colleague_id: int
    district_id: int
    school_id: int
    put_id: int


def fill(district: District, school_area: int, class_id: int, other_classes: list[int], colleague_id: int) -> Sample:
    """Write the class and its calls, and other schools enough for a leader to count."""
    families = [district.family(class_id, child_name=name) for name in NAMES]
    _say(district, families)
    district.family(class_id, child_name="Without Phone", phone=False)
    district.family(class_id, child_name="Left Alone", opted_out_at=district.now)
    batch_id = district.start(class_id)
    for family, (call, dial) in zip(families, STANDS, strict=True):
        district.set_call(family, **call)
        district.cover(family)
        if dial:
            district.attempt(family, **dial)
    district.set_call(families[4], due_at=district.now + timedelta(minutes=15))
    suggestions = [
        _suggestion(district, family, *said) for family, said in zip([families[0], families[7]] * 2, SAID, strict=True)
    ]
    district.suggestion(families[1], words=[])
    district.voice(class_id)
    district.wish(families[5], class_id, reason="no_answer")
    district.wish(families[8], class_id, asked_at=district.now - timedelta(days=1))
    put_id = district.put_through(families[8])
    school_id = district.value(select(SchoolClass.school_id).where(SchoolClass.id == class_id))
    _answered(district, school_area, school_id)
    for other in other_classes:
        called = [district.family(other) for _ in range(24)]
        district.start(other)
        for family in called[:13]:
            district.set_call(family, state="ended", reach="heard", disposition="completed")
    return Sample(class_id, batch_id, suggestions[0], colleague_id, school_area, school_id, put_id)


def _say(district: District, families: list[Family]) -> None:
    phrases = load_phrases()
    levels, praises = list(phrases.levels), list(phrases.praises)
    with district.runtime.database.session() as session:
        for at, family in enumerate(families[:9]):
            session.add(
                Message(
                    round_id=district.round_id, child_id=family.child_id, attendance=62 + 4 * at,
                    level=levels[at % len(levels)], praise=praises[at % len(praises)] if at % 3 else None,
                )
            )  # fmt: skip


def _answered(district: District, area_id: int, school_id: int) -> None:
    """Let parents have spoken of several things, and leaders have answered in a school and in its district."""
    for at in range(36):
        language, words, _ = SAID[at % len(SAID)]
        theme = ("buildings", "teaching", "other", "thanks")[at % len(SAID)]
        district.said(school_id, words, language=language, theme=theme if at < 30 else None)
    water = {"pa": "ਸਕੂਲ ਵਿੱਚ ਪੀਣ ਦਾ ਸਾਫ਼ ਪਾਣੀ ਲੱਗ ਗਿਆ ਹੈ", "en": "the school now has clean drinking water"}
    district.answer(school_id, texts=water, theme="buildings")
    district.answer(school_id, texts={"en": "fans were mended"}, withdrawn_at=district.now)
    district.answer(None, area_id=area_id, texts={"hi": "सब स्कूलों में पंखे ठीक हो गए"})


def _suggestion(district: District, family: Family, language: str, text: str, certain: tuple[float, ...]) -> int:
    words = [
        {"text": word, "start_s": at / 2, "end_s": at / 2 + 0.4, "confidence": certain[at % len(certain)]}
        for at, word in enumerate(text.split())
    ]
    return district.suggestion(family, words=words, language=language, doubt=1 - sum(certain) / len(certain))
