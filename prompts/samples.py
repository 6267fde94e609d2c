"""What stands in for the facts of a real call when prompts are built, timed and checked without one.

Typical and a little long, so that a tree which fits its 58 seconds here fits them for most children.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, time

from prompts import slots
from prompts.slots import Slot

_CHILD = {"pa": "ਹਰਮਨਪ੍ਰੀਤ ਕੌਰ", "hi": "हरमनप्रीत कौर", "en": "Harmanpreet Kaur"}
_SCHOOL = {"pa": "ਸਰਕਾਰੀ ਪ੍ਰਾਇਮਰੀ ਸਕੂਲ ਰਾਮਪੁਰ", "hi": "सरकारी प्राइमरी स्कूल रामपुर", "en": "Government Primary School Rampur"}
_ANSWER = {
    "pa": "ਸਕੂਲ ਵਿੱਚ ਪੀਣ ਦਾ ਸਾਫ਼ ਪਾਣੀ ਲੱਗ ਗਿਆ ਹੈ",
    "hi": "स्कूल में पीने का साफ़ पानी लग गया है",
    "en": "the school now has clean drinking water",
}

_VOICE = {
    "pa": "ਮੈਂ ਤੁਹਾਡੇ ਬੱਚਿਆਂ ਦੀ ਅਧਿਆਪਕ ਬੋਲ ਰਹੀ ਹਾਂ, ਮਿਲਣੀ ਉੱਤੇ ਜ਼ਰੂਰ ਆਓ ਜੀ",
    "hi": "मैं आपके बच्चों की शिक्षक बोल रही हूँ, बैठक में ज़रूर आइए",
    "en": "this is your children's teacher, please do come to the meeting",
}

# Saturday, the longest of the weekdays in all three languages, and the longest number of days.
_DAY = date(2026, 11, 28)


def sample_slots(language: str) -> Mapping[str, Slot]:
    """Return a value for every slot that the product's texts use."""
    return {
        "child": slots.name(_CHILD[language]),
        "teacher": slots.name(_CHILD[language]),
        "school": slots.place(_SCHOOL[language]),
        "class": slots.class_name("5A"),
        "percent": slots.percent(87),
        "number": slots.number(87),
        "day": slots.date(_DAY),
        "from_day": slots.date(_DAY),
        "to_day": slots.date(_DAY),
        "time": slots.time(time(10, 30)),
        "level": slots.prompt("level.sentences"),
        "praise": slots.prompt("praise.asks_questions"),
        "answer": slots.text(_ANSWER[language]),
        "voice": slots.text(_VOICE[language]),
        "words": slots.text(_ANSWER[language]),
        "place": slots.number(2),
        "families": slots.number(38),
        "heard": slots.number(27),
        "recorded": slots.number(9),
        "left": slots.number(11),
    }
