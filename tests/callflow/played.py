"""One call of a *.toml file, played: README.md beside this file tells the words."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import select

from ivr.trees.facts import slots_for
from ivr.trees.model import HEAR_BACK, Say
from ivr.trees.walk import everything_said
from prompts.clips import Clip
from ptm.models import Call, CarrierEvent, Consent, Household, Recording, Suggestion
from tests.callflow.afterwards import found_of
from tests.callflow.caller import Caller, call_in, take_back
from tests.callflow.stage import OUR_NUMBER, Delivery, Document, Phone, Stage

STEP_KEYS = {"does", "hears", "then", "child", "language", "at", "attempt", "with"}


class Play:
    """Plays the steps of one call and compares what is answered and written."""

    def __init__(self, stage: Stage, call: Mapping[str, Any]) -> None:
        self.stage = stage
        self.language: str = call.get("language", "pa")
        self.phone: Phone
        if "line" in call:
            self.phone = call_in(stage, call)
        else:
            self.phone = stage.dial(*call.get("children", ()), language=self.language, answer=call.get("answer"))
        self.last: Delivery | None = None

    def do(self, step: Mapping[str, Any], where: str) -> None:
        assert step.keys() <= STEP_KEYS, f"{where}: no such key: {step.keys() - STEP_KEYS}"
        delivery = self._delivery(step, where)
        if delivery is None:
            return
        self.last = delivery
        document = delivery.deliver()
        if isinstance(self.phone, Caller):
            self.phone.facts = dict(self.phone.told())
        self.language = step.get("language", self.language)
        self._compare_answer(step, document, where)
        if "attempt" in step:
            row = self.phone.row()._mapping
            found = {name: row[name] for name in step["attempt"]}
            assert found == step["attempt"], where

    def _delivery(self, step: Mapping[str, Any], where: str) -> Delivery | None:
        for pattern, act in WORDS.items():
            if found := re.fullmatch(pattern, step["does"]):
                self.phone.at = step.get("at")
                return act(self, *found.groups())
        raise AssertionError(f"{where}: nobody knows how to do that")

    def _compare_answer(self, step: Mapping[str, Any], document: Document, where: str) -> None:
        assert document.waits == step.get("then", "nothing"), f"{where}: {document.text}"
        expected = self._expected(step)
        assert self._named(document.plays, expected) == expected, where
        if document.waits == "dial":
            assert isinstance(self.phone, Caller), where
            assert document.number == self.phone.rings(step.get("child", 1)), where
            assert document.attributes["callerId"] == OUR_NUMBER, "neither may see the other's number"
            assert self.phone.teacher_number not in str(self.phone.events()), "no number stands in a table"
        if document.waits in ("menu", "pin"):
            assert document.nested == len(document.plays), f"{where}: a key must stop everything that is played"
        for name, value in step.get("with", {}).items():
            assert document.attributes[name] == value, where

    def _expected(self, step: Mapping[str, Any]) -> list[str]:
        expected: list[str] = []
        for each in step.get("hears", ()):
            if each == HEAR_BACK:
                expected.append(f"{each} {self.phone.recordings[-1]}.wav")
                continue
            say = self._say(each, step.get("child", 1) - 1)
            expected += [_name(say, clip.name) for clip in self._clips(say)]
        return expected

    def _clips(self, say: Say) -> Sequence[Clip]:
        # What nobody could prepare is rendered when somebody calls in.
        studio = self.stage.parts.studio
        return studio.playlist(say) if isinstance(self.phone, Caller) else studio.resolve(say)

    def _say(self, written: str, child: int) -> Say:
        prompt, _, language = written.partition("@")
        language = language or self.language
        return Say(prompt, language, slots_for(self.phone.facts, child, language))

    def _named(self, plays: Sequence[str], expected: Sequence[str]) -> list[str]:
        """Return clips with the prompt each belongs to, so that a difference can be read."""
        if len(plays) == len(expected) and all(map(str.endswith, expected, plays)):
            return list(expected)
        tree = self.phone.tree() if isinstance(self.phone, Caller) else self.stage.tree
        said = everything_said(tree, self.phone.facts)
        known = {clip.name: _name(say, clip.name) for say in said for clip in self._clips(say)}
        return [known.get(play, f"unheard of: {play}") for play in plays]

    # ---- the end ----

    def check_the_end(self, expected: Mapping[str, Any], where: str) -> None:
        found = found_of(self.phone) if isinstance(self.phone, Caller) else self._found()
        assert expected.keys() <= found.keys(), f"{where}: nothing is known of {expected.keys() - found.keys()}"
        assert {name: found[name] for name in expected} == dict(expected), where

    def _found(self) -> dict[str, Any]:
        row = self.phone.row()
        with self.stage.runtime.database.reading() as tx:
            call = tx.execute(select(Call.__table__).where(Call.id == row.call_id)).one()
            home = tx.execute(select(Household.__table__).where(Household.id == call.household_id)).one()
            consents = tx.execute(select(Consent.__table__).where(Consent.attempt_id == row.id).order_by(Consent.id))
            recordings = tx.execute(
                select(Recording.state, Recording.language, Suggestion.status)
                .join(Suggestion, Suggestion.recording_id == Recording.id)
                .where(Recording.attempt_id == row.id)
                .order_by(Recording.id)
            )
            events = tx.scalars(select(CarrierEvent.key).where(CarrierEvent.attempt_id == row.id)).all()
            return {
                "call": call.state,
                "disposition": call.disposition or "",
                "reach": call.reach,
                "outcome": row.outcome or "",
                "attempt": row.state,
                "opted_out": home.opted_out_at is not None,
                "language": home.language,
                "slot": home.slot or "",
                "consents": [f"{each.kind} {'yes' if each.given else 'no'} {each.wording}" for each in consents],
                "recordings": [f"{each.state} {each.language} {each.status}" for each in recordings],
                "events": len(events),
            }


def _name(say: Say, clip: str) -> str:
    return f"{say.prompt}@{say.language} {clip}"


def _repeat(play: Play, anew: str | None) -> Delivery:
    assert play.last is not None
    return play.phone.make(play.last.path, play.last.form, nonce=None if anew else play.last.nonce)


def _call_again(play: Play) -> Delivery:
    assert isinstance(play.phone, Caller)
    play.phone.again()
    return play.phone.answer()


def _take_back(play: Play) -> None:
    assert isinstance(play.phone, Caller)
    take_back(play.phone)


def _pass(play: Play, many: str, unit: str) -> None:
    play.stage.clock.advance(timedelta(**{unit: int(many)}))


def _recording(play: Play, which: str | None) -> Delivery:
    return play.phone.recording_ready(int(which) - 1 if which else -1)


WORDS: Mapping[str, Callable[..., Delivery | None]] = {
    "calls": lambda play: play.phone.answer(),
    "calls again": _call_again,
    "takes back what was asked": _take_back,
    "keys in ([0-9*]+)": lambda play, keys: play.phone.press(keys),
    "the (?:teacher|family) (talks|is busy|does not answer)": lambda play, how: play.phone.dialled(DIAL_STATUS[how]),
    "the teacher answers": lambda play: play.phone.leg("answer"),
    r"the teacher's leg ends after (\d+)": lambda play, talk_s: play.phone.leg("hangup", int(talk_s)),
    "rings": lambda play: play.phone.ring(),
    "answers": lambda play: play.phone.answer(),
    "presses ([0-9*#]+)": lambda play, keys: play.phone.press(keys),
    "waits|listens": lambda play: play.phone.silence(),
    r"speaks ([0-9.]+)(?: until ([0-9*#]))?": lambda play, s, key: play.phone.speak(float(s), key or ""),
    r"recording(?: (\d))? ready": _recording,
    "recording ready early": lambda play: play.phone.recording_ready_early(),
    "hangs up": lambda play: play.phone.hang_up(),
    r"ends (\d+) ([a-z-]+)": lambda play, code, status: play.phone.hang_up(HangupCauseCode=code, CallStatus=status),
    "repeats( anew)?": _repeat,
    r"(\d+) (days|hours|minutes|seconds) pass": _pass,
}
DIAL_STATUS = {"talks": "completed", "is busy": "busy", "does not answer": "no-answer"}
