"""You said, we did: what parents of a place said, and the answer that its families are told in their next call."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from flask import Response as BaseResponse
from flask import abort, current_app, flash, make_response, redirect, render_template, request, url_for
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from ivr.access import needs
from ivr.consoles.analyst.forms import THEMES
from ivr.consoles.leader import changes, forms, places, saying, speaking
from ivr.consoles.leader.blueprint import blueprint
from ivr.consoles.leader.places import AREA, SCHOOL, Place
from ivr.consoles.leader.speaking import Sound
from ivr.consoles.looking import record_look
from ivr.consoles.words import LANGUAGE_NAMES
from ivr.security import let_use_the_microphone
from ivr.session import actor, runtime
from ivr.trees.timing import LONGEST_ANSWER_S
from prompts.studio import Studio
from ptm.clock import IST
from ptm.models import Answer, Area, Round, TreeVersion, User
from ptm.permissions import Permission

MOST_ANSWERS = 20


@dataclass(frozen=True)
class Kept:
    """An answer that was recorded, with its round, who recorded it, where it belongs and how it sounds."""

    answer: Answer
    round: str
    by: str | None
    place: str
    sounds: Mapping[str, Sound | None]


@blueprint.get("/answers")
@needs(Permission.ANSWER_WRITE)
def answers() -> Response:
    """My own area."""
    return redirect(url_for(".answers_of", kind=AREA, place_id=actor().area_id or 0), 303)


@blueprint.get("/answers/<any(area, school):kind>/<int:place_id>")
@needs(Permission.ANSWER_WRITE)
def answers_of(kind: str, place_id: int) -> BaseResponse:
    """What was said here, what families here are told, and the form for an answer."""
    return _page(kind, place_id, forms.Answering(), {})


@blueprint.post("/answers/<any(area, school):kind>/<int:place_id>")
@needs(Permission.ANSWER_WRITE)
def answers_record(kind: str, place_id: int) -> Response:
    """Let the leader hear an answer, or keep it when all of it can be told."""
    now = runtime().clock.now()
    with runtime().database.reading_session() as session:
        place = places.load_place(session, actor(), kind, place_id) or abort(404)
        rounds = places.not_over(places.load_rounds(session, place), _today())
        needed, deaf = places.load_languages(session, place), _cannot_tell(session, rounds)
    typed = forms.parse_answer(request.form, needed=needed, round_ids=[one.id for one in rounds])
    if typed.round_id in deaf:
        typed = replace(typed, problems={**typed.problems, "round": "The call of this round cannot tell an answer."})
    typed, sounds = _sounded(typed)
    if typed.problems or request.form.get("do") == "listen":
        return _page(kind, place_id, typed, sounds, 422 if typed.problems else 200)
    clips = {language: sound.recording for language, sound in sounds.items() if sound.recording}
    with runtime().database.session() as session:
        kept = changes.save_answer(session, actor(), place, typed, clips, now)
    if kept is None:
        problems = {"round": f"{place.name} has an answer in this round already. Take it back first."}
        return _page(kind, place_id, replace(typed, problems=problems), sounds, 409)
    flash("Recorded. Families hear it in their call, from the next one on.")
    return redirect(url_for(".answers_of", kind=kind, place_id=place_id), 303)


@blueprint.post("/answers/<int:answer_id>/withdraw")
@needs(Permission.ANSWER_WRITE)
def withdraw(answer_id: int) -> Response:
    """Take an answer back: calls that begin from now on do not tell it."""
    with runtime().database.session() as session:
        taken = changes.withdraw_answer(session, actor(), answer_id, runtime().clock.now()) or abort(404)
        at = (SCHOOL, taken.school_id) if taken.school_id else (AREA, taken.area_id)
    flash("Taken back. No further call tells it.")
    return redirect(url_for(".answers_of", kind=at[0], place_id=at[1]), 303)


def _sounded(typed: forms.Answering) -> tuple[forms.Answering, dict[str, Sound]]:
    """Make the sound of every language that can be spoken as it stands, and add what is wrong with the others."""
    problems, sounds = dict(typed.problems), {}
    for language in LANGUAGE_NAMES:
        words, wav = typed.texts.get(language), _wav(language)
        if words is None and wav and language not in problems:
            problems[language] = "Write the words of your recording, too: they are shown, and spoken if it is lost."
        if words is None or language in problems:
            continue
        kept = request.form.get(f"clip-{language}") if f"drop-{language}" not in request.form else None
        sound, problem = speaking.try_sound(_studio(), language, words, wav=wav, kept=kept)
        if sound is not None:
            sounds[language] = sound
        if problem is not None:
            problems[language] = problem
    for language in problems.keys() & sounds.keys():
        # What is too long may still be heard; a recording of it is not worth keeping.
        sounds[language] = replace(sounds[language], recording=None)
    return replace(typed, problems=problems), sounds


def _wav(language: str) -> bytes | None:
    file = request.files.get(f"sound-{language}")
    return file.read() if file and file.filename else None


def _page(
    kind: str, place_id: int, typed: forms.Answering, sounds: Mapping[str, Sound], status: int = 200
) -> BaseResponse:
    today, wanted = _today(), request.args.get("round", type=int)
    with runtime().database.reading_session() as session:
        place = places.load_place(session, actor(), kind, place_id) or abort(404)
        rounds = places.load_rounds(session, place)
        coming, begun = places.not_over(rounds, today), [one for one in rounds if one.starts_on_ist <= today]
        said_in = next((one for one in begun if one.id == wanted), None) or _last(begun, coming)
        voices = saying.load_voices(session, place, said_in, rounds) if said_in else None
        told = _told_here(session, place, coming)
        way_up = places.load_way_up(session, actor(), place)
        needed, kept = places.load_languages(session, place), _kept(session, place)
    record_look("voices.open", kind, place_id, {"round_id": said_in.id if said_in else None})
    page = render_template(
        "leader/answers.html", place=place, way_up=way_up, begun=begun, said_in=said_in, voices=voices, coming=coming,
        needed=needed, typed=typed, sounds=sounds, kept=kept, told=told, themes=THEMES, most_s=LONGEST_ANSWER_S,
        longest=forms.LONGEST_ANSWER,
    )  # fmt: skip
    return let_use_the_microphone(make_response(page, status))


def _last(begun: Sequence[Round], coming: Sequence[Round]) -> Round | None:
    """Return the round whose voices are answered next: the last one before the round that comes or runs now."""
    earlier = [one for one in begun if not coming or one.starts_on_ist < coming[0].starts_on_ist]
    return next(iter(earlier or begun), None)


def _kept(session: Session, place: Place) -> list[Kept]:
    """Return the answers of this place: those that are told, then those that were taken back, the newest first."""
    found = _load_kept(session, place.own_answer)
    return sorted(found, key=lambda kept: kept.answer.withdrawn_at is not None)


def _told_here(session: Session, place: Place, coming: Sequence[Round]) -> list[Kept]:
    """Return the answers of areas above that families here are told, because this place has none of its own."""
    above = [area_id for area_id in place.above if (place.kind, place.id) != (AREA, area_id)]
    rounds = [one.id for one in coming]
    standing = (Answer.round_id.in_(rounds), Answer.withdrawn_at.is_(None))
    has_own = set(session.scalars(select(Answer.round_id).where(place.own_answer, *standing)))
    found: dict[int, Kept] = {}
    for kept in _load_kept(session, Answer.area_id.in_(above), *standing, Answer.round_id.not_in(has_own)):
        known = found.get(kept.answer.round_id)
        if known is None or _steps(above, kept) < _steps(above, known):
            found[kept.answer.round_id] = kept
    return list(found.values())


def _steps(above: Sequence[int], kept: Kept) -> int:
    return above.index(kept.answer.area_id or 0)


def _load_kept(session: Session, *where: object) -> list[Kept]:
    rows = session.execute(
        select(Answer, Round.name, User.name, Area.name)
        .join(Round, Round.id == Answer.round_id)
        .outerjoin(User, User.id == Answer.created_by_id)
        .outerjoin(Area, Area.id == Answer.area_id)
        .where(*where)  # type: ignore[arg-type]
        .order_by(Answer.id.desc())
        .limit(MOST_ANSWERS)
    )
    return [
        Kept(one, round_name, by, area or "", speaking.sounds_of(_studio(), one.texts, one.clips))
        for one, round_name, by, area in rows
    ]


def _cannot_tell(session: Session, rounds: Sequence[Round]) -> set[int]:
    """Return the rounds whose call, frozen when they were opened, has no place for an answer."""
    hashes = {one.tree_hash for one in rounds}
    trees = session.execute(select(TreeVersion.hash, TreeVersion.definition).where(TreeVersion.hash.in_(hashes)))
    deaf = {row.hash for row in trees if speaking.TOLD not in row.definition}
    return {one.id for one in rounds if one.tree_hash in deaf}


def _today() -> date:
    return runtime().clock.now().astimezone(IST).date()


def _studio() -> Studio:
    studio: Studio = current_app.extensions["voice"].studio
    return studio
