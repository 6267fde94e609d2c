"""Answer documents read strictly: what Plivo does not name is refused, so that we learn it here first."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from xml.etree.ElementTree import Element as RawElement
from xml.etree.ElementTree import ParseError

from defusedxml import DefusedXmlException  # type: ignore[import-untyped]
from defusedxml.ElementTree import fromstring  # type: ignore[import-untyped]

MAX_BYTES = 100 * 1024


class BadXml(Exception):
    """The document is not one that Plivo runs."""


@dataclass(frozen=True)
class Element:
    """One element, its attributes still as text; what is absent has its default here, or is not in `attributes`."""

    name: str
    attributes: Mapping[str, str]
    text: str
    children: tuple[Element, ...] = ()

    def get(self, name: str) -> str | None:
        return self.attributes.get(name)

    def flag(self, name: str) -> bool:
        return self.attributes[name] == "true"

    def number(self, name: str) -> float:
        return float(self.attributes[name])


Check = Callable[[str], bool]


def _number(low: float, high: float) -> Check:
    def check(value: str) -> bool:
        return bool(re.fullmatch(r"\d+(\.\d+)?", value)) and low <= float(value) <= high

    return check


def _one_of(*choices: str) -> Check:
    return lambda value: value in choices


def _matching(pattern: str) -> Check:
    return lambda value: bool(re.fullmatch(pattern, value))


def is_url(value: str) -> bool:
    """Is this a fully qualified web address, with nothing in it that a URL cannot hold?"""
    return bool(re.fullmatch(r"https?://[^\s/]\S*", value))


_ANY: Check = lambda value: True  # noqa: E731
_FLAG = _one_of("true", "false")
_METHOD = _matching(r"\S*")  # a bad method has hang-up codes of its own (7032-7034)
_URL = _ANY  # and so has a bad URL (7022-7024)
_KEYS = _matching(r"[0-9*#]*")
_AUTO = re.compile(r"auto|[2-9]|10")


@dataclass(frozen=True)
class Rule:
    """What an element may hold. `defaults` are Plivo's; an attribute without one is absent unless written."""

    attributes: Mapping[str, Check] = field(default_factory=dict)
    defaults: Mapping[str, str] = field(default_factory=dict)
    required: tuple[str, ...] = ()
    children: tuple[str, ...] = ()
    text: Check | None = None  # None: no text at all
    unplayed: tuple[str, ...] = ()  # attributes that the carrier knows and this exchange does not act on


_ACTION: dict[str, Check] = {"action": _URL, "method": _METHOD, "redirect": _FLAG}
_ACTION_DEFAULTS = {"method": "POST", "redirect": "true"}
_PROMPTS = ("Speak", "Play", "Wait")
_SOME_TEXT: Check = lambda value: bool(value)  # noqa: E731

RULES: dict[str, Rule] = {
    "Response": Rule(
        children=(
            *("Dial", "DTMF", "GetDigits", "GetInput", "Hangup", "Play", "PreAnswer"),
            *("Record", "Redirect", "Speak", "Wait"),
        )
    ),
    "Speak": Rule(
        {"voice": _matching(r"WOMAN|MAN|Polly\.[A-Za-z-]+"), "language": _matching(r"[a-z]{2,3}-[A-Z]{2}"),
         "loop": _number(0, 1000)},
        {"voice": "WOMAN", "language": "en-US", "loop": "1"},
        text=_SOME_TEXT,
    ),
    "Play": Rule({"loop": _number(0, 1000)}, {"loop": "1"}, text=_matching(r"https?://\S+")),
    "Wait": Rule(
        {"length": _number(0, 3600), "silence": _FLAG, "minSilence": _number(0, 60000), "beep": _FLAG},
        {"length": "1", "silence": "false", "minSilence": "2000", "beep": "false"},
    ),
    "GetDigits": Rule(
        _ACTION | {
            "timeout": _number(0, 3600), "digitTimeout": _number(0, 3600), "finishOnKey": _matching(r"[0-9*#]*|none"),
            "numDigits": _number(1, 99), "retries": _number(1, 100), "playBeep": _FLAG, "validDigits": _KEYS,
            "invalidDigitsSound": _matching(r"https?://\S+"), "log": _FLAG,
        },
        _ACTION_DEFAULTS | {
            "timeout": "5", "digitTimeout": "2", "finishOnKey": "#", "numDigits": "99", "retries": "1",
            "playBeep": "false", "validDigits": "1234567890*#", "log": "true",
        },
        children=_PROMPTS,
    ),
    "GetInput": Rule(
        _ACTION | {
            "inputType": _one_of("dtmf", "speech", "dtmf speech", "speech dtmf"), "executionTimeout": _number(5, 60),
            "digitEndTimeout": _matching(_AUTO.pattern), "speechEndTimeout": _matching(_AUTO.pattern),
            "finishOnKey": _matching(r"[0-9*#]*|none"), "numDigits": _number(1, 32), "retries": _number(1, 100),
            "startInputTimeout": _number(0, 3600), "speechModel": _ANY, "hints": _ANY, "language": _ANY,
            "profanityFilter": _FLAG, "log": _FLAG, "interimSpeechResultsCallback": _URL,
            "interimSpeechResultsCallbackMethod": _METHOD,
        },
        _ACTION_DEFAULTS | {
            "executionTimeout": "15", "digitEndTimeout": "auto", "speechEndTimeout": "auto", "finishOnKey": "#",
            "numDigits": "32", "retries": "1",
        },
        required=("action", "inputType"),
        children=_PROMPTS,
    ),
    "Record": Rule(
        _ACTION | {
            "fileFormat": _one_of("mp3", "wav"), "timeout": _number(1, 3600), "maxLength": _number(2, 14400),
            "playBeep": _FLAG, "finishOnKey": _matching(r"[0-9*#]*|none"), "recordSession": _FLAG,
            "startOnDialAnswer": _FLAG, "recordChannelType": _one_of("mono", "stereo"), "transcriptionType": _ANY,
            "transcriptionUrl": _URL, "transcriptionMethod": _METHOD, "transcriptionReportType": _ANY,
            "callbackUrl": _URL, "callbackMethod": _METHOD,
        },
        _ACTION_DEFAULTS | {
            "fileFormat": "mp3", "timeout": "15", "maxLength": "60", "playBeep": "true", "finishOnKey": "#",
            "recordSession": "false", "startOnDialAnswer": "false", "recordChannelType": "stereo",
            "callbackMethod": "POST",
        },
    ),
    "Redirect": Rule({"method": _METHOD}, {"method": "POST"}, text=_SOME_TEXT),
    "Hangup": Rule({"reason": _one_of("rejected", "busy"), "schedule": _number(1, 14400)}),
    "DTMF": Rule({"async": _FLAG}, {"async": "true"}, text=_matching(r"[0-9*#wW]+")),
    "PreAnswer": Rule(children=("Speak", "Play", "Wait", "GetDigits", "Redirect", "DTMF")),
    "Dial": Rule(
        _ACTION | {
            "hangupOnStar": _FLAG, "timeLimit": _number(1, 14400), "timeout": _number(1, 600), "callerId": _ANY,
            "callerName": _ANY, "callbackUrl": _URL, "callbackMethod": _METHOD,
        },
        _ACTION_DEFAULTS | {"hangupOnStar": "false", "timeLimit": "14400", "callbackMethod": "POST"},
        children=("Number",),
        unplayed=("confirmSound", "confirmKey", "confirmTimeout", "dialMusic", "digitsMatch", "digitsMatchBLeg",
                  "sipHeaders"),
    ),
    "Number": Rule(
        text=_matching(r"\+?\d{5,15}"),
        unplayed=("sendDigits", "sendOnPreanswer", "sendDigitsMode"),
    ),
}  # fmt: skip

UNPLAYED = frozenset({"Conference", "Message", "MultiPartyCall", "Stream", "User"})
_SSML = frozenset({"break", "cont", "emphasis", "lang", "p", "phoneme", "prosody", "s", "say-as", "sub", "w"})


def parse(body: bytes, content_type: str, *, strict: bool = True, woman_hindi: bool = False) -> tuple[Element, ...]:
    """Read an answer document and return its elements. Raises BadXml with the reason."""
    kind = content_type.split(";")[0].strip().lower()
    if kind not in ("application/xml", "text/xml"):
        raise BadXml(f"Content-Type is {kind or 'missing'}; Plivo reads application/xml or text/xml")
    if len(body) > MAX_BYTES:
        raise BadXml(f"{len(body)} bytes; Plivo reads at most {MAX_BYTES}")
    try:
        root = fromstring(body, forbid_dtd=True)
    except (ParseError, DefusedXmlException, ValueError, LookupError) as error:
        raise BadXml(f"not well-formed XML: {error}") from None
    if root.tag != "Response":
        raise BadXml(f"the root is <{root.tag}>; it must be <Response>")
    return _Reader(strict, woman_hindi).read(root).children


@dataclass(frozen=True)
class _Reader:
    strict: bool
    woman_hindi: bool

    def read(self, raw: RawElement) -> Element:
        rule = RULES[raw.tag]
        attributes = {**rule.defaults, **self._attributes(raw, rule)}
        element = Element(raw.tag, attributes, self._text(raw, rule), tuple(self._children(raw, rule)))
        if raw.tag == "Speak":
            self._check_voice(element)
        return element

    def _attributes(self, raw: RawElement, rule: Rule) -> dict[str, str]:
        read = {}
        for name, value in raw.attrib.items():
            check = rule.attributes.get(name)
            if name in rule.unplayed:
                raise BadXml(f"<{raw.tag} {name}>: the carrier knows it, this exchange does not play it")
            if check is None:
                self._refuse(f"<{raw.tag}> has no attribute {name!r}")
            elif not check(value):
                raise BadXml(f"<{raw.tag} {name}={value!r}>: not a value of this attribute")
            else:
                read[name] = value
        if raw.tag == "Dial" and not len(raw):
            raise BadXml("<Dial> needs at least one <Number>")
        missing = [name for name in rule.required if not read.get(name)]
        if missing:
            raise BadXml(f"<{raw.tag}> needs {missing[0]!r}")
        return read

    def _text(self, raw: RawElement, rule: Rule) -> str:
        whole = "".join(raw.itertext()) if raw.tag == "Speak" else raw.text or ""
        tails = [] if raw.tag == "Speak" else [(child.tail or "").strip() for child in raw]
        text = whole.strip()
        if rule.text is None and (text or any(tails)):
            raise BadXml(f"<{raw.tag}> holds text; only elements may stand there")
        if rule.text is not None and not rule.text(text):
            raise BadXml(f"<{raw.tag}>: {text!r} is not what it may hold")
        return text

    def _children(self, raw: RawElement, rule: Rule) -> list[Element]:
        if raw.tag == "Speak":
            return self._check_ssml(raw)
        read = []
        for child in raw:
            if child.tag in rule.children:
                read.append(self.read(child))
            elif child.tag in UNPLAYED:
                raise BadXml(f"<{child.tag}>: the carrier knows it, this exchange does not play it")
            elif child.tag in RULES:
                raise BadXml(f"<{child.tag}> cannot stand in <{raw.tag}>")
            else:
                self._refuse(f"<{child.tag}> is not an element that this exchange knows")
        return read

    def _check_ssml(self, raw: RawElement) -> list[Element]:
        tags = {child.tag for child in raw.iter()} - {"Speak"}
        if tags - _SSML:
            raise BadXml(f"<{sorted(tags - _SSML)[0]}> cannot stand in <Speak>")
        if tags and not raw.attrib.get("voice", "").startswith("Polly."):
            raise BadXml("SSML in <Speak> needs a Polly voice")
        return []

    def _check_voice(self, element: Element) -> None:
        basic_voice = element.attributes["voice"] in ("WOMAN", "MAN")
        if element.attributes["language"] == "hi-IN" and basic_voice and not self.woman_hindi:
            raise BadXml("<Speak> in hi-IN needs a Polly voice (switch woman_hindi)")

    def _refuse(self, reason: str) -> None:
        if self.strict:
            raise BadXml(reason)
