"""An operator's pages: is everything up, the switch that stops all dialling, who may sign in."""

from __future__ import annotations

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from ivr.access import needs
from ivr.consoles.looking import record_look
from ivr.consoles.operator import changes, forms, queries
from ivr.session import actor, runtime
from ptm import people as persons
from ptm.class_teachers import load_classes, set_classes
from ptm.errors import PersonRefused, PersonUnknown
from ptm.models import School
from ptm.passwords import generate_password
from ptm.permissions import Permission

blueprint = Blueprint("operator", __name__, url_prefix="/operator", template_folder="templates")


@blueprint.get("/")
@needs(Permission.SYSTEM_SEE)
def system() -> str:
    """Which parts are up, what waits, and the switch."""
    now = runtime().clock.now()
    with runtime().database.reading_session() as session:
        work, switch = queries.load_work(session), queries.load_switch(session)
        accounts = queries.load_accounts(session, now)
    parts, carrier = queries.load_parts(runtime()), runtime().settings.carrier
    return render_template(
        "operator/system.html", parts=parts, work=work, switch=switch, accounts=accounts, carrier=carrier, now=now
    )


@blueprint.post("/stop")
@needs(Permission.DIALING_SWITCH)
def stop() -> Response:
    """Stop all dialling at once. What waits at the carrier is taken back by the pacer within a second."""
    with runtime().database.session() as session:
        changes.stop_dialing(session, actor(), forms.parse_reason(request.form), runtime().clock.now())
    return redirect(url_for(".system"), 303)


@blueprint.post("/resume")
@needs(Permission.DIALING_SWITCH)
def resume() -> Response:
    """Let calls start again."""
    with runtime().database.session() as session:
        if changes.resume_dialing(session, actor(), runtime().clock.now()):
            flash("Calls start again.")
    return redirect(url_for(".system"), 303)


@blueprint.get("/people")
@needs(Permission.PEOPLE_MANAGE)
def people() -> str:
    """Who may sign in."""
    return _people_page(None)


@blueprint.post("/people")
@needs(Permission.PEOPLE_MANAGE)
def add() -> str | tuple[str, int]:
    """Add a person with a new password, which this answer shows and nothing ever shows again."""
    wanted, password = forms.parse_person(request.form), generate_password()
    try:
        with runtime().database.session() as session:
            person = persons.add_person(
                session, login=wanted.login, name=wanted.name, role=wanted.role, password=password,
                school=wanted.place, area=wanted.place, classes=wanted.classes,
                by=actor().user_id, now=runtime().clock.now(),
            )  # fmt: skip
    except PersonRefused as refused:
        return _people_page(str(refused)), 422
    return render_template("operator/password.html", login=person.login, name=person.name, password=password)


@blueprint.post("/people/<int:user_id>/password")
@needs(Permission.PEOPLE_MANAGE)
def new_password(user_id: int) -> str:
    """Give a person a new password, shown once; all their sessions end."""
    password = generate_password()
    try:
        with runtime().database.session() as session:
            person = persons.give_password(session, user_id, password, by=actor().user_id, now=runtime().clock.now())
    except PersonUnknown:
        abort(404)
    return render_template("operator/password.html", login=person.login, name=person.name, password=password)


@blueprint.post("/people/<int:user_id>/<any(disable, enable):verb>")
@needs(Permission.PEOPLE_MANAGE)
def move(user_id: int, verb: str) -> Response | tuple[str, int]:
    """Shut a person out at once, or let them in again."""
    do = persons.disable if verb == "disable" else persons.enable
    try:
        with runtime().database.session() as session:
            do(session, user_id, by=actor().user_id, now=runtime().clock.now())
    except PersonUnknown:
        abort(404)
    except PersonRefused as refused:
        return _people_page(str(refused)), 422
    return redirect(url_for(".people"), 303)


@blueprint.get("/people/<int:user_id>/classes")
@needs(Permission.PEOPLE_MANAGE)
def classes(user_id: int) -> str:
    """Show the classes of a teacher's school, and who teaches each."""
    return _classes_page(user_id, None)


@blueprint.post("/people/<int:user_id>/classes")
@needs(Permission.PEOPLE_MANAGE)
def set_classes_of(user_id: int) -> Response | tuple[str, int]:
    """Give a teacher the classes ticked, no others; the page has said whose they were."""
    try:
        with runtime().database.session() as session:
            handed = set_classes(
                session, queries.find_teacher(session, user_id), forms.parse_classes(request.form),
                make_new=True, take_over=True, by=actor().user_id, now=runtime().clock.now(),
            )  # fmt: skip
    except PersonUnknown:
        abort(404)
    except PersonRefused as refused:
        return _classes_page(user_id, str(refused)), 422
    for one in handed:
        flash(f"Class {one.name}: {one.before or 'nobody'} before, {one.after or 'nobody'} now.")
    return redirect(url_for(".classes", user_id=user_id), 303)


def _classes_page(user_id: int, problem: str | None) -> str:
    try:
        with runtime().database.reading_session() as session:
            person = queries.find_teacher(session, user_id)
            school, known = session.get_one(School, person.school_id), load_classes(session, person.school_id or 0)
    except PersonUnknown:
        abort(404)
    record_look("people.open", "user", user_id)
    return render_template(
        "operator/classes.html", one=person, school=school, classes=known, problem=problem, typed=request.form
    )


def _people_page(problem: str | None) -> str:
    search = request.args.get("search", "").strip()
    with runtime().database.reading_session() as session:
        lines, total = queries.load_people(session, search)
    record_look("people.open", "user", None)
    return render_template(
        "operator/people.html", people=lines, total=total, search=search, most=queries.MOST_PEOPLE,
        roles=persons.ROLES, problem=problem, typed=request.form,
    )  # fmt: skip
