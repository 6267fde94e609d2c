from __future__ import annotations

import re
from pathlib import Path

import pytest

from ivr.trees.errors import TreeError
from ivr.trees.load import PTM_TREE, load_tree, parse_tree, ways

SMALL = """
name = "small"
start = "ask"
opt_out = "stop"
goodbye = "bye"

[nodes.ask]
kind = "menu"
says = ["greeting.family"]
keys = { 1 = "told" }
default = "bye"

[nodes.told]
kind = "say"
says = ["inform.attendance"]
next = "bye"

[nodes.stop]
kind = "menu"
says = ["opt_out.confirm"]
keys = { 9 = "bye" }
default = "@back"

[nodes.bye]
kind = "end"
says = ["goodbye.thanks"]
"""


def problems(changed: str, to: str, *, in_: str = SMALL) -> list[str]:
    """Return what is wrong with the small tree when one of its lines is changed."""
    assert changed in in_
    with pytest.raises(TreeError) as wrong:
        parse_tree(in_.replace(changed, to, 1), source="small.toml")
    assert str(wrong.value).startswith(f"small.toml: {len(wrong.value.problems)} thing(s) to mend")
    return list(wrong.value.problems)


def test_a_tree_is_read_with_its_text_and_hash() -> None:
    tree = parse_tree(SMALL)
    assert (tree.name, tree.start, tree.definition) == ("small", "ask", SMALL)
    assert re.fullmatch("[0-9a-f]{64}", tree.hash)
    assert parse_tree(SMALL + "\n").hash != tree.hash
    assert ways(tree.nodes["ask"]) == {"default": "bye", "keys.1": "told"}


def test_the_products_own_trees_are_read() -> None:
    for path in PTM_TREE.parent.glob("*.toml"):
        assert load_tree(path).nodes


@pytest.mark.parametrize(
    ("changed", "to", "mend"),
    [
        ('start = "ask"', 'start = "aks"', "start: names no node: 'aks'; did you mean 'ask'?"),
        ('start = "ask"', "", "start: is missing; write it above the first node"),
        ('goodbye = "bye"', 'goodbye = "ask"', "goodbye: must name an end, 'ask' is none"),
        ('opt_out = "stop"', 'opt_out = "bye"', "opt_out: must name a menu, 'bye' is none"),
        ('opt_out = "stop"', 'opt_out = "stop"\nlanguage = "told"', "language: must name a menu, 'told' is none"),
        ('name = "small"', 'name = "small"\nstrat = "ask"', "strat: no such key; did you mean 'start'?"),
        ('name = "small"', 'name = "small"\ntypical = "1 x"', "typical: 'x' is no key (0-9, *, #),"),
        (
            'kind = "say"',
            'kind = "sya"',
            "nodes.told.kind: must be one of say, menu, record, branch, set, next_child, ask, dial, callback, end",
        ),
        ('next = "bye"', 'nxt = "bye"', "nodes.told.nxt: a say node has no such key; did you mean 'next'?"),
        ('next = "bye"', "", "nodes.told.next: is missing"),
        ('next = "bye"', "next = 3", "nodes.told.next: must be a text in quotes"),
        ('next = "bye"', 'next = "by"', "nodes.told.next: leads to 'by', which is no node; did you mean 'bye'?"),
        ('keys = { 1 = "told" }', 'keys = { 12 = "told" }', "nodes.ask.keys.12: a phone has the keys 0 to 9, * and #"),
        ('keys = { 1 = "told" }', "keys = [1]", 'nodes.ask.keys: must be a table of texts such as { name = "value" }'),
        (
            'default = "bye"',
            'default = "bye"\nreprompts = 4',
            "nodes.ask.reprompts: must be a whole number from 0 to 3",
        ),
        (
            'default = "bye"',
            'default = "bye"\ntimeout_s = true',
            "nodes.ask.timeout_s: must be a whole number from 1 to 30",
        ),
        (
            'says = ["greeting.family"]',
            'says = "greeting.family"',
            'nodes.ask.says: must be a list of prompts such as ["greeting.family"]',
        ),
        ('says = ["greeting.family"]', "says = [3]", "nodes.ask.says[0]: must be a prompt's id, or { prompt ="),
        (
            'says = ["greeting.family"]',
            'says = [{ prompt = "x", language = "ur" }]',
            "nodes.ask.says[0]: language must be one of pa, hi, en",
        ),
        ('next = "bye"', 'next = "bye"\ncheckpoint = "yes"', "nodes.told.checkpoint: must be true or false"),
        ('next = "bye"', 'next = "bye"\nreach = "herd"', "nodes.told.reach: must be one of unreached, rang, answered"),
        ('next = "bye"', 'next = "bye"\nemits = "slot_chosen"', "nodes.told.values: slot_chosen needs slot"),
        ('next = "bye"', 'next = "bye"\nemits = "heard"\nvalues = { a = "b" }', "nodes.told.values: heard has no a"),
        ('next = "bye"', 'next = "bye"\nvalues = { a = "b" }', "nodes.told.values: there is no emits for them"),
        ('next = "bye"', 'next = "told"', "nodes.told: goes round without waiting for a key: told -> told"),
    ],
)
def test_whatever_is_wrong_is_said_with_its_place_and_how_to_mend_it(changed: str, to: str, mend: str) -> None:
    assert any(problem.startswith(mend) for problem in problems(changed, to))


def test_every_problem_is_told_at_once() -> None:
    assert len(problems('kind = "say"\nsays = ["inform.attendance"]', 'kind = "say"\nfoo = 1\nsays = 2')) == 2


def test_a_node_that_only_thinks_may_not_speak() -> None:
    thinking = SMALL + '\n[nodes.set]\nkind = "set"\nsays = ["x"]\nnext = "bye"\n'
    assert problems("small", "small", in_=thinking) == ["nodes.set.says: a set node has no such key"]


@pytest.mark.parametrize("text", ["", "name = 3", "nodes = 4", "not toml at all ["])
def test_what_is_no_tree_is_refused(text: str) -> None:
    with pytest.raises(TreeError):
        parse_tree(text)


def test_a_node_that_is_no_table_is_refused() -> None:
    assert problems("[nodes.bye]", "[nodes]\nbad = 1\n[nodes.bye]") != []


def test_a_checkpoint_may_close_a_ring_because_somebody_waits_there() -> None:
    round_and_round = SMALL.replace('next = "bye"', 'next = "told"\ncheckpoint = true', 1)
    assert parse_tree(round_and_round).nodes["told"].name == "told"


def test_a_file_that_is_read_names_itself(tmp_path: Path) -> None:
    file = tmp_path / "winter.toml"
    file.write_text('name = "winter"')
    with pytest.raises(TreeError, match=r"winter\.toml"):
        load_tree(file)


def test_only_a_tree_for_whom_nobody_calls_needs_no_way_to_opt_out() -> None:
    without = SMALL.replace('opt_out = "stop"\n', "")
    with pytest.raises(TreeError, match="opt_out: is missing"):
        parse_tree(without)
    assert parse_tree(without.replace('name = "small"', 'name = "small"\nline = "unknown"')).opt_out == ""
    with pytest.raises(TreeError, match="line: must be one of outgoing, family, unknown, teacher"):
        parse_tree(SMALL.replace('name = "small"', 'name = "small"\nline = "teachers"'))
