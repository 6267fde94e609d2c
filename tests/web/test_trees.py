"""What happens in a call is drawn and told, word for word."""

from __future__ import annotations

from pathlib import Path

import pytest
from flask import Flask

from ivr.consoles.trees import queries
from ivr.trees.load import PTM_TREE, load_tree
from ivr.trees.sampling import sampled
from tests.web.browsing import Browser
from tests.web.one_database import database, database_file, database_url

__all__ = ["database", "database_file", "database_url"]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of trees of our own."""
    monkeypatch.setattr(queries, "FOLDER", tmp_path)
    return tmp_path


def test_every_tree_is_listed_and_drawn_with_its_words(operator: Browser) -> None:
    listed = operator.get("/trees/").text
    for file in PTM_TREE.parent.glob("*.toml"):
        assert f'href="/trees/{file.stem}"' in listed
        page = operator.get(f"/trees/{file.stem}").text
        for name in load_tree(file).nodes:
            assert f'data-node="{name}"' in page
            assert f"<h3>{name} " in page


def test_the_words_are_told_in_the_language_that_was_asked_for(operator: Browser) -> None:
    assert "Thank you, goodbye." in operator.get("/trees/ptm").text
    hindi = operator.get("/trees/ptm?language=hi").text
    assert "Thank you, goodbye." not in hindi
    assert '<span lang="pa">' in hindi, "each language offers itself"
    assert operator.get("/trees/ptm?language=ta").status_code == 404
    assert operator.get("/trees/winter").status_code == 404
    assert operator.get("/trees/..%2Fptm").status_code == 404


def test_calls_are_timed_once_their_prompts_are_there(operator: Browser, app: Flask) -> None:
    page = operator.get("/trees/ptm").text
    assert "cannot be heard yet" in page
    assert "How long calls take" not in page
    app.extensions["voice"].studio.prepare(sampled(load_tree(PTM_TREE)))
    page = operator.get("/trees/ptm").text
    assert "Nothing to mend." in page
    assert page.count("status good") >= 3
    assert "status needed" not in page
    assert 'badge up">ready' in operator.get("/trees/").text


def test_what_is_to_be_mended_is_told(operator: Browser, folder: Path) -> None:
    (folder / "odd.toml").write_text(PTM_TREE.read_text("utf-8").replace("listen.consent", "listen.consnt"), "utf-8")
    (folder / "broken.toml").write_text("nodes = 1", "utf-8")
    listed = operator.get("/trees/").text
    assert "This file is no call tree" in listed
    assert "needs mending" in listed
    page = operator.get("/trees/odd").text
    assert "1 thing to mend." in page
    assert "listen.consnt is not written in pa, hi, en" in page
    assert "nodes: there are none" in operator.get("/trees/broken").text
