from __future__ import annotations

import pytest

from ivr.trees.lint import lint
from ivr.trees.load import INBOUND_TREES, parse_tree
from ivr.trees.model import Tree
from prompts.catalogues import Catalogue
from tests.unit.trees.test_load import SMALL

# The small tree of test_load.py, mended: nobody hears of attendance before the family key.
INFORM = """next = "inform"

[nodes.inform]
kind = "say"
says = [{ prompt = "inform.attendance", when = "attendance" }]
next = "bye"
"""
GOOD = SMALL.replace('says = ["inform.attendance"]\n', 'emits = "family_confirmed"\n').replace('next = "bye"', INFORM)


def found(catalogue: Catalogue, changed: str = "", to: str = "") -> list[str]:
    assert changed in GOOD
    return [str(finding) for finding in lint(parse_tree(GOOD.replace(changed, to, 1) if changed else GOOD), catalogue)]


def test_the_products_trees_have_nothing_to_mend(each_tree: Tree, catalogue: Catalogue) -> None:
    assert lint(each_tree, catalogue) == []
    assert found(catalogue) == []


@pytest.mark.parametrize(
    ("changed", "to", "finding"),
    [
        (
            "[nodes.bye]",
            '[nodes.island]\nkind = "say"\nnext = "bye"\n\n[nodes.bye]',
            "nodes.island: no way leads here; lead one here or delete it",
        ),
        (
            "greeting.family",
            "greeting.famly",
            "nodes.ask: greeting.famly is not written in pa, hi, en; write it in pa.toml, hi.toml, en.toml; did you"
            " mean 'greeting.family'?",
        ),
        (
            'emits = "family_confirmed"\n',
            "",
            "nodes.inform: inform.attendance says {percent} before anybody said that they are the family; say it"
            " behind a node that emits family_confirmed",
        ),
        (
            '{ prompt = "inform.attendance", when = "attendance" }',
            '"inform.attendance"',
            "nodes.inform: inform.attendance needs {percent}, which is not known of every child; write { prompt ="
            ' "inform.attendance", when = "attendance" }',
        ),
        ('when = "attendance"', 'when = "attendence"', "nodes.inform: nobody ever knows 'attendence'; ask for one of"),
        (
            'keys = { 1 = "told" }\ndefault = "bye"',
            'keys = { 1 = "told", 9 = "bye" }\ndefault = "bye"',
            "nodes.ask: 9 means something else here; everywhere it means: do not call again",
        ),
        (
            'default = "bye"',
            'default = "ask"',
            "nodes.ask: silence goes round for ever: ask -> ask; lead its default to an end",
        ),
    ],
)
def test_what_would_run_and_be_wrong_is_found(catalogue: Catalogue, changed: str, to: str, finding: str) -> None:
    assert any(each.startswith(finding) for each in found(catalogue, changed, to)), found(catalogue, changed, to)


def test_a_prompt_missing_in_one_language_is_found(catalogue: Catalogue) -> None:
    poorer = {key: prompt for key, prompt in catalogue.items() if key != ("inform.attendance", "hi")}
    (finding,) = lint(parse_tree(GOOD), poorer)
    assert str(finding) == "nodes.inform: inform.attendance is not written in hi; write it in hi.toml"


def test_a_slot_that_no_call_fills_is_found(catalogue: Catalogue) -> None:
    odd = {
        key: prompt if key[0] != "goodbye.thanks" else type(prompt)(*key, "{teacher}")
        for key, prompt in catalogue.items()
    }
    (finding,) = lint(parse_tree(GOOD), odd)
    assert finding.what == "goodbye.thanks needs {teacher}, which no call knows"


def test_the_reprompts_and_the_apology_must_be_written_too(catalogue: Catalogue) -> None:
    poorer = {key: prompt for key, prompt in catalogue.items() if key[0] != "apology"}
    assert [finding.what for finding in lint(parse_tree(GOOD), poorer)] == ["apology is not written in pa, hi, en"]


def test_a_branch_on_what_the_tree_itself_remembers_is_known(catalogue: Catalogue) -> None:
    remembering = GOOD.replace(
        '[nodes.inform]',
        '[nodes.inform]\nkind = "set"\nvariables = { path = "a" }\nnext = "fork"\n\n[nodes.fork]\nkind = "branch"\n'
        'on = "var.path"\nways = { a = "words" }\ndefault = "bye"\n\n[nodes.words]',
    )  # fmt: skip
    assert lint(parse_tree(remembering), catalogue) == []
    lost = remembering.replace("var.path", "var.pth")
    assert lint(parse_tree(lost), catalogue)[0].what == "nobody ever knows 'var.pth'"


def test_what_a_teacher_is_told_needs_the_pin(catalogue: Catalogue) -> None:
    definition = INBOUND_TREES["teacher"].read_text("utf-8")
    early = definition.replace('says = ["teacher.welcome", "teacher.pin"]', 'says = ["teacher.figures", "teacher.pin"]')
    (finding,) = lint(parse_tree(early), catalogue)
    assert finding.what.startswith("teacher.figures says {families}, {heard}, {left}, {recorded} before anybody")


def test_a_stranger_is_told_nothing_that_only_a_family_has(catalogue: Catalogue) -> None:
    definition = INBOUND_TREES["unknown"].read_text("utf-8")
    told = definition.replace('says = ["inbound.unknown"]', 'says = ["inbound.family"]')
    (finding,) = lint(parse_tree(told), catalogue)
    assert finding.what == "inbound.family needs {child}, which no call knows"


def test_the_day_of_a_meeting_is_not_known_to_whoever_calls_between_rounds(catalogue: Catalogue) -> None:
    definition = INBOUND_TREES["family"].read_text("utf-8")
    told = definition.replace('{ prompt = "meet.day", when = "meeting.on" }', '"meet.day"', 1)
    (finding,) = lint(parse_tree(told), catalogue)
    assert finding.mend == 'write { prompt = "meet.day", when = "meeting.on" }'
