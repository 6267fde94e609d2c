"""The prompts' pages: whose voice says what, and a place to record it better."""

from __future__ import annotations

from io import BytesIO

from flask import (
    Response,
    abort,
    current_app,
    flash,
    make_response,
    redirect,
    render_template,
    request,
    send_file,
    url_for,
)
from werkzeug.wrappers import Response as BaseResponse

from ivr.access import needs
from ivr.consoles.lines import load_line
from ivr.consoles.looking import record_look
from ivr.consoles.voices import forms, phoning, queries
from ivr.consoles.voices.blueprint import blueprint
from ivr.recording import Recording, RecordingRefused
from ivr.security import let_use_the_microphone
from ivr.session import actor, runtime
from prompts.errors import PromptError
from prompts.listing import UnknownPrompt, entry, refuse_unknown
from prompts.recorded import LONGEST_PROMPT_S
from prompts.studio import Studio
from ptm.permissions import Permission

LANGUAGE = "<any(pa, hi, en):language>"


@blueprint.before_request
def find_prompt() -> None:
    """End a request for a prompt that nobody wrote, after the gate and before the view."""
    asked = request.view_args or {}
    if "prompt_id" in asked:
        try:
            refuse_unknown(_studio(), asked["prompt_id"], asked["language"])
        except UnknownPrompt:
            abort(404)


@blueprint.get("/")
@needs(Permission.PROMPT_RECORD)
def catalogue() -> str:
    """Every prompt of one language: what it says, in whose voice, how long and how loud."""
    language = request.args.get("language", "pa")
    if language not in ("pa", "hi", "en"):
        abort(404)
    found = queries.load_catalogue_of(_studio(), language)
    voice = request.args.get("voice", "")
    shown = [one for one in found.entries if not voice or one.voice == voice]
    with runtime().database.reading_session() as session:
        waiting = phoning.count_waiting(session)
    return render_template(
        "voices/catalogue.html", found=found, shown=shown, language=language, voice=voice, most_s=LONGEST_PROMPT_S,
        waiting=waiting,
    )  # fmt: skip


@blueprint.get(f"/{LANGUAGE}/<prompt_id>")
@needs(Permission.PROMPT_RECORD)
def prompt(language: str, prompt_id: str) -> Response:
    """One prompt: hear it, record it, take the recording away."""
    return _prompt_page(language, prompt_id, None)


@blueprint.get(f"/{LANGUAGE}/<prompt_id>/audio")
@needs(Permission.PROMPT_RECORD)
def heard(language: str, prompt_id: str) -> Response:
    """Send a prompt as it is heard in a call, all its clips behind each other."""
    found = entry(_studio(), prompt_id, language)
    if not found.clips:
        abort(404)
    sound = queries.load_sound(_studio(), found)
    return send_file(BytesIO(sound), mimetype="audio/wav", conditional=True, max_age=0)


@blueprint.post(f"/{LANGUAGE}/<prompt_id>")
@needs(Permission.PROMPT_RECORD)
def record(language: str, prompt_id: str) -> BaseResponse:
    """Let a sound that was uploaded or spoken into the page say a prompt from now on."""
    try:
        handed = forms.parse_sound(request.form, request.files.get("file"))
        kept = _recording().keep_prompt(prompt_id, language, handed.wav, by=handed.by, part=handed.part)
    except (PromptError, RecordingRefused) as problem:
        return _refused(_prompt_page(language, prompt_id, str(problem)))
    flash(f"Now said by {kept.recorded_by}: {kept.seconds:.1f} seconds.")
    return redirect(url_for(".prompt", language=language, prompt_id=prompt_id), 303)


@blueprint.post(f"/{LANGUAGE}/<prompt_id>/remove")
@needs(Permission.PROMPT_RECORD)
def remove(language: str, prompt_id: str) -> BaseResponse:
    """Let the machine say it again."""
    try:
        was_there = _recording().drop_prompt(prompt_id, language, part=forms.parse_part(request.form))
    except (PromptError, RecordingRefused) as problem:
        return _refused(_prompt_page(language, prompt_id, str(problem)))
    flash("The machine says it again." if was_there else "There was no recording.")
    return redirect(url_for(".prompt", language=language, prompt_id=prompt_id), 303)


@blueprint.get("/names")
@needs(Permission.PROMPT_RECORD)
def names() -> Response:
    """How children's names are said: by a person, by the machine, or not at all."""
    return _names_page(None)


@blueprint.post("/names")
@needs(Permission.PROMPT_RECORD)
def record_name() -> BaseResponse:
    """Let a sound say a name, in every language."""
    try:
        handed = forms.parse_sound(request.form, request.files.get("file"))
        kept = _recording().keep_name(forms.parse_name(request.form), handed.wav, by=handed.by)
    except (PromptError, RecordingRefused) as problem:
        return _refused(_names_page(str(problem)))
    flash(f"{kept.words} is now said by {kept.recorded_by}.")
    return redirect(url_for(".names"), 303)


@blueprint.post("/names/remove")
@needs(Permission.PROMPT_RECORD)
def remove_name() -> BaseResponse:
    """Let the machine say a name again."""
    try:
        was_there = _recording().drop_name(forms.parse_name(request.form))
    except (PromptError, RecordingRefused) as problem:
        return _refused(_names_page(str(problem)))
    flash("The machine says it again." if was_there else "There was no recording.")
    return redirect(url_for(".names"), 303)


def _prompt_page(language: str, prompt_id: str, problem: str | None) -> Response:
    found = entry(_studio(), prompt_id, language)
    with runtime().database.reading_session() as session:
        asked, line = phoning.load_asked(session, language, prompt_id), load_line(session, actor())
    page = render_template(
        "voices/prompt.html", found=found, language=language, problem=problem, typed=request.form,
        most_s=LONGEST_PROMPT_S, asked=asked, line=line, call=phoning.number_to_call(),
    )  # fmt: skip
    return let_use_the_microphone(make_response(page))


def _names_page(problem: str | None) -> Response:
    with runtime().database.reading_session() as session:
        found = queries.load_names(session, _studio())
    record_look("names.open", "child", None)
    page = render_template("voices/names.html", found=found, problem=problem, typed=request.form)
    return let_use_the_microphone(make_response(page))


def _refused(page: Response) -> Response:
    page.status_code = 422
    return page


def _recording() -> Recording:
    return Recording(runtime(), _studio(), actor().user_id)


def _studio() -> Studio:
    studio: Studio = current_app.extensions["voice"].studio
    studio.recorded.fresh()
    return studio
