"""The XML that Plivo is answered with, as strings.

Every attribute whose default differs between versions of Plivo's documentation is always written out. A `Prompt` may
stand inside a menu, a `Verb` may not: the type checker holds the nesting rules, the tests ask Plivo's own builder.
"""

from __future__ import annotations

import re
from typing import NewType

Prompt = NewType("Prompt", str)
Verb = NewType("Verb", str)

MAX_XML_BYTES = 100_000
"""Plivo takes documents of at most 100 KB."""

_FORBIDDEN = re.compile("[^\t\n\r -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_is_url = re.compile(r"https?://[!-~]+").fullmatch
_is_keys = re.compile(r"[0-9*#]{1,12}").fullmatch
_are_finish_keys = re.compile(r"none|[0-9*#]{1,12}").fullmatch
_is_number = re.compile(r"[0-9]{5,15}").fullmatch
_is_stand_in = re.compile(r"[a-z]+-[0-9]{1,19}").fullmatch


def play(url: str) -> Prompt:
    """Play one WAV or MP3 once. The carrier caches by URL: new sound needs a new URL."""
    return Prompt(f'<Play loop="1">{_url(url)}</Play>')


def speak(text: str, *, voice: str, language: str) -> Prompt:
    """Speak `text` with one of Plivo's voices: for the apology when our own prompts cannot be played."""
    return Prompt(f'<Speak voice="{_text(voice)}" language="{_text(language)}" loop="1">{_text(text)}</Speak>')


def wait(length_s: int) -> Prompt:
    """Stay silent for `length_s` whole seconds."""
    return Prompt(f'<Wait length="{_at_least(1, length_s, "length_s")}" silence="false" beep="false"/>')


def get_digits(
    *prompts: Prompt,
    action: str,
    timeout_s: int,
    num_digits: int = 1,
    digit_timeout_s: int = 2,
    valid_digits: str = "0123456789*#",
    finish_on_key: str = "none",
    retries: int = 1,
) -> Verb:
    """Play the prompts, which a key stops, and post the keys to `action`.

    Without a key the action is not called and the next element runs: put a redirect after every menu. `retries` stays 1
    because Plivo's texts disagree whether it counts plays or repeats: the tree re-prompts by itself.
    """
    if not _is_keys(valid_digits) or not _are_finish_keys(finish_on_key):
        raise ValueError(f"keys must be among 0-9, * and #: {valid_digits!r}, {finish_on_key!r}")
    return Verb(
        f'<GetDigits action="{_url(action)}" method="POST" timeout="{_at_least(1, timeout_s, "timeout_s")}"'
        f' digitTimeout="{_at_least(1, digit_timeout_s, "digit_timeout_s")}" finishOnKey="{finish_on_key}"'
        f' numDigits="{_at_least(1, num_digits, "num_digits")}" retries="{_at_least(1, retries, "retries")}"'
        f' redirect="true" playBeep="false" validDigits="{valid_digits}">{"".join(prompts)}</GetDigits>'
    )


def record(
    *, action: str, callback: str, max_length_s: int, silence_s: int, finish_on_key: str = "#", play_beep: bool = True
) -> Verb:
    """Record the caller as mono WAV until a finish key, `silence_s` of silence or `max_length_s`.

    `action` gets the ending and answers the next XML; `callback` is told when the file lies ready.
    """
    if not _are_finish_keys(finish_on_key):
        raise ValueError(f"keys must be among 0-9, * and #, or none: {finish_on_key!r}")
    return Verb(
        f'<Record action="{_url(action)}" method="POST" fileFormat="wav" redirect="true"'
        f' timeout="{_at_least(1, silence_s, "silence_s")}" maxLength="{_at_least(2, max_length_s, "max_length_s")}"'
        f' playBeep="{"true" if play_beep else "false"}" finishOnKey="{finish_on_key}" recordSession="false"'
        f' startOnDialAnswer="false" recordChannelType="mono" callbackUrl="{_url(callback)}" callbackMethod="POST"/>'
    )


def dial(number: str, *, caller_id: str, action: str, callback: str, timeout_s: int, limit_s: int) -> Verb:
    """Ring `number` for `timeout_s`, connect for at most `limit_s`, and post how it went to `action`.

    `callback` is told when they answer, and when they have spoken how long.

    Neither side sees the other's number: both see `caller_id`, which is rented. `number` is digits, or a word and a
    number that stand in for them until whoever sends the document puts them in: digits need not be stored for that.
    """
    if not (_is_number(number) or _is_stand_in(number)) or not _is_number(caller_id):
        raise ValueError("numbers are digits without a plus, or a stand-in such as teacher-7")
    return Verb(
        f'<Dial action="{_url(action)}" method="POST" redirect="true" hangupOnStar="false"'
        f' timeout="{_at_least(1, timeout_s, "timeout_s")}" timeLimit="{_at_least(1, limit_s, "limit_s")}"'
        f' callerId="{caller_id}" callbackUrl="{_url(callback)}" callbackMethod="POST"><Number>{number}</Number></Dial>'
    )


def redirect(url: str) -> Verb:
    """Fetch the next XML from `url`; nothing after it runs."""
    return Verb(f'<Redirect method="POST">{_url(url)}</Redirect>')


def hang_up() -> Verb:
    """End the call."""
    return Verb("<Hangup/>")


def reject() -> Verb:
    """End a call that comes in before it is answered: it costs the caller nothing."""
    return Verb('<Hangup reason="rejected"/>')


def response(*elements: Prompt | Verb) -> str:
    """Return the document that runs `elements` in order; an empty one hangs up.

    Raises ValueError past `MAX_XML_BYTES` of UTF-8.
    """
    document = f"<Response>{''.join(elements)}</Response>"
    if len(document) * 4 > MAX_XML_BYTES and len(document.encode()) > MAX_XML_BYTES:
        raise ValueError(f"the answer is larger than the {MAX_XML_BYTES} bytes that Plivo takes")
    return document


def _text(text: str) -> str:
    """Escape; characters that no XML may hold are dropped, because half a name is better than dead air."""
    if _FORBIDDEN.search(text):
        text = _FORBIDDEN.sub("", text)
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace('"', "&quot;")


def _url(url: str) -> str:
    """Escape a URL that Plivo can fetch and sign: absolute, plain ASCII (its query check breaks on anything else)."""
    if not _is_url(url):
        raise ValueError(f"Plivo needs an absolute URL of plain ASCII: {url[:80]!r}")
    return url.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace('"', "&quot;")


def _at_least(least: int, value: int, name: str) -> int:
    if value < least:
        raise ValueError(f"{name} must be at least {least}: {value}")
    return value
