"""sunvai roster: import class lists, or check them first."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import click

from ptm.roster import ImportReport, Place, Roster, import_roster, read_roster
from ptm.roster.cells import parse_school_name, parse_udise
from ptm.roster.classes import parse_class
from ptm.roster.places import unnamed, unnamed_schools
from ptm.roster.refusals import CellRefused
from scripts.installation import opened
from scripts.tables import table

HAS_PROBLEMS = 1


def _parsed_by(parse: Callable[[str], str]) -> Callable[[click.Context, click.Parameter, str], str]:
    """Return a check of an option with the parser of the cell that it stands for."""

    def check(_context: click.Context, _option: click.Parameter, text: str) -> str:
        try:
            return parse(text) if text else ""
        except CellRefused as refused:
            raise click.BadParameter(str(refused)) from None

    return check


@click.group()
def command() -> None:
    """Import class lists, or check them first."""


@command.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--check", is_flag=True, help="Say what an import would do, and write nothing.")
@click.option(
    "--school",
    default="",
    metavar="UDISE",
    callback=_parsed_by(parse_udise),
    help="The list is of this school and may lack the column.",
)
@click.option(
    "--school-name",
    default="",
    metavar="NAME",
    callback=_parsed_by(parse_school_name),
    help="What a new school is called, where the list does not say it.",
)
@click.option(
    "--class",
    "class_name",
    default="",
    metavar="NAME",
    callback=_parsed_by(parse_class),
    help="The list is of this class, for instance 5A, and may lack the column.",
)
@click.option(
    "--language", type=click.Choice(["pa", "hi", "en"]), default="pa", show_default=True,
    help="The language of families for whom the list names none.",
)  # fmt: skip
def import_list(file: Path, check: bool, school: str, school_name: str, class_name: str, language: str) -> None:
    """Import FILE (CSV or XLSX): all of it, or nothing when a single cell is wrong.

    Every bad cell is printed with its row, its column, the reason and how to mend it; the exit code is then 1.
    """
    if school_name and not school:
        raise click.UsageError("--school-name needs --school: whose name is it?")
    if class_name and not school:
        raise click.UsageError("--class needs --school: a class is known by its school")
    place = Place(school, school_name, class_name) if school else None
    with file.open("rb") as source:
        roster = read_roster(file.name, source, place=place)
    _say_notes(roster)
    if not roster.is_clean:
        _say_problems(roster)
        sys.exit(HAS_PROBLEMS)
    click.echo(_told(_imported(roster, language, check=check), check=check))


def _imported(roster: Roster, language: str, *, check: bool) -> ImportReport:
    """Import in one transaction; a check takes it back, so that it says exactly what the import would do."""
    with opened() as parts, parts.database.session() as session:
        report = import_roster(
            session, roster, vault=parts.vault, user_id=None, now=parts.clock.now(), default_language=language
        )
        if check:
            session.rollback()
    return report


def _say_notes(roster: Roster) -> None:
    for note in roster.notes:
        click.echo(f"Note: {note}.")
    if roster.ignored_columns:
        click.echo(f"Not read: {', '.join(roster.ignored_columns)}.")


def _say_problems(roster: Roster) -> None:
    click.echo(
        table(
            ("Where", "What stands there", "What is wrong", "How to mend it"),
            [(problem.place, problem.value_shown, problem.reason, problem.mend) for problem in roster.problems],
        )
    )
    # Asked for last: bad cells are told even where no database is set up yet.
    with opened() as parts, parts.database.reading_session() as session:
        schools = unnamed_schools(session, roster.rows)
    for udise in schools:
        click.echo(f"Also, {unnamed(udise)}.")
    click.echo(
        f"\n{len(roster.problems) + len(schools)} problem(s) in {roster.filename}. Nothing was imported.", err=True
    )


def _told(report: ImportReport, *, check: bool) -> str:
    lines = [
        f"{report.children} children: {report.children_added} new, {report.children_changed} changed "
        f"({report.children_moved} of them moved), {report.without_phone} without a phone",
        f"{report.households} households: {report.households_added} new, {report.siblings} with more than one child",
        f"{report.numbers_added} new numbers; {report.numbers_left} that are not in the list any more are not called",
    ]
    if report.schools_added or report.classes_added:
        schools = f"{report.schools_added} new {'school' if report.schools_added == 1 else 'schools'}"
        lines.append(f"{schools}, {report.classes_added} new {'class' if report.classes_added == 1 else 'classes'}")
    if report.not_in_list:
        lines.append(f"{report.not_in_list} children of these classes are not in the list and stay where they are")
    if report.opted_out:
        lines.append(f"{report.opted_out} households asked not to be called and will not be")
    return "\n".join([*lines, "This was a check: nothing was written." if check else "Imported."])
