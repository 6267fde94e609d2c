"""Words that others read hold no phone number: what a person types is refused with one, never changed silently."""

from __future__ import annotations

import re

# Ten digits of any script, also with blanks, dots, dashes or brackets among them.
_NUMBER = re.compile(r"(?:\d[\s().\-\u2010-\u2015]*){10}")
HOLDS_NUMBER = "Nothing was saved: there is a phone number in these words. Take it out, others read them."


def holds_number(text: str) -> bool:
    return _NUMBER.search(text) is not None
