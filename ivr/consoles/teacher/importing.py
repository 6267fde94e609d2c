"""A teacher brings in the class list: all of it, or, with every bad cell named, nothing."""

from __future__ import annotations

from flask import abort, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from ivr.access import needs
from ivr.consoles.teacher import queries
from ivr.consoles.teacher.blueprint import blueprint
from ivr.consoles.words import count
from ivr.session import actor, runtime
from ptm.models import SchoolClass
from ptm.permissions import Permission
from ptm.roster import ImportReport, Place, Roster, RosterRefused, import_roster, read_roster

# More than these nobody mends at one sitting; the file is read again afterwards anyway.
MOST_PROBLEMS_SHOWN = 100


@blueprint.get("/classes/<int:class_id>/list")
@needs(Permission.ROSTER_IMPORT)
def roster(class_id: int) -> str:
    """Choose the file."""
    return render_template("teacher/roster.html", one=_class(class_id), roster=None)


@blueprint.post("/classes/<int:class_id>/list")
@needs(Permission.ROSTER_IMPORT)
def bring(class_id: int) -> Response | tuple[str, int]:
    """Import the file into this class. Sent twice it changes nothing the second time."""
    one = _class(class_id)
    file = request.files.get("file")
    if file is None or not file.filename:
        return _page(one, None, "Choose a file first."), 422
    read = read_roster(file.filename, file.stream, place=_place(one))
    if not read.is_clean:
        return _page(one, read, None), 422
    try:
        report = _import(class_id, read)
    except RosterRefused as refused:
        return _page(one, read, str(refused)), 422
    flash(told(report))
    return redirect(url_for(".school_class", class_id=class_id), 303)


def told(report: ImportReport) -> str:
    """Say in one sentence what an import did."""
    if not (report.children_added or report.children_changed or report.numbers_added or report.numbers_left):
        return f"The list was read: {count(report.children, 'child', 'children')}, and nothing was new."
    facts = [f"{count(report.children, 'child', 'children')} in the list", f"{report.children_added} new"]
    facts += [f"{report.children_changed} changed"] if report.children_changed else []
    facts += [f"{count(report.siblings, 'family has', 'families have')} more than one child"] if report.siblings else []
    facts += [f"{report.without_phone} without a phone"] if report.without_phone else []
    kept = report.not_in_list
    left = f" {count(kept, 'child is', 'children are')} not in the list and stayed in the class." if kept else ""
    return f"The list was brought in: {', '.join(facts)}.{left}"


def _class(class_id: int) -> SchoolClass:
    with runtime().database.reading_session() as session:
        return queries.load_class(session, actor(), Permission.ROSTER_IMPORT, class_id) or abort(404)


def _place(one: SchoolClass) -> Place:
    return Place(one.school.udise, one.school.name, one.name)


def _import(class_id: int, read: Roster) -> ImportReport:
    with runtime().database.session() as session:
        # Asked again inside the transaction: a class may have been given to somebody else meanwhile.
        queries.load_class(session, actor(), Permission.ROSTER_IMPORT, class_id) or abort(404)
        return import_roster(session, read, vault=runtime().vault, user_id=actor().user_id, now=runtime().clock.now())


def _page(one: SchoolClass, read: Roster | None, problem: str | None) -> str:
    return render_template("teacher/roster.html", one=one, roster=read, problem=problem, most=MOST_PROBLEMS_SHOWN)
