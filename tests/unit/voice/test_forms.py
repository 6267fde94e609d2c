"""Our reader of forms, beside the library's: the same fields, for less."""

from __future__ import annotations

import random
from urllib.parse import parse_qsl

import pytest

from carrier.plivo.webhooks import MAX_FORM_FIELDS, WebhookProblem, read_form

LETTERS = ["a", "B", "7", "%41", "%20", "%e0%a8%b8", "+", "%2B", "=", "%3D", "%26", "&", "&", "%", "%4", "%zz", ";"]


def test_a_form_is_read_as_the_library_reads_it() -> None:
    dice = random.Random(5)
    for _ in range(5_000):
        body = "".join(dice.choices(LETTERS, k=dice.randrange(30)))
        form = read_form(body.encode())
        try:
            pairs = parse_qsl(body, keep_blank_values=True, errors="strict")
        except UnicodeDecodeError:
            assert form == WebhookProblem("", "the form is not URL-encoded UTF-8"), body
            continue
        if len(dict(pairs)) == len(pairs):
            assert form == dict(pairs), body
        else:
            assert form == WebhookProblem("", "a field stands twice"), body


@pytest.mark.parametrize("body", [b"a=%ff", b"a=\xe0", "a=ਸ".encode(), b"%c3=1"])
def test_what_is_no_text_is_refused(body: bytes) -> None:
    assert read_form(body) == WebhookProblem("", "the form is not URL-encoded UTF-8")


def test_a_form_has_an_end() -> None:
    most = "&".join(f"a{number}=" for number in range(MAX_FORM_FIELDS))
    assert not isinstance(read_form(most.encode()), WebhookProblem)
    assert isinstance(read_form(f"{most}&one=more".encode()), WebhookProblem)
    assert isinstance(read_form(b"a=" + b"x" * 40_000), WebhookProblem)
