"""Texts are checked as a whole; every problem names its file and prompt."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from prompts.catalogues import LANGUAGES, Catalogue, ids, load_catalogue, prompt_of
from prompts.errors import CatalogueError

Write = Callable[..., Path]


def problems_of(folder: Path) -> str:
    with pytest.raises(CatalogueError) as raised:
        load_catalogue(folder)
    return "\n".join(raised.value.problems)


def test_a_prompt_is_found_by_id_and_language(catalogue: Catalogue) -> None:
    assert prompt_of(catalogue, "goodbye", "hi").text == "धन्यवाद।"
    assert prompt_of(catalogue, "greeting", "en").slots == {"child"}
    assert ids(catalogue, "praise.") == ["praise.reads"]


def test_a_prompt_that_is_not_there_is_named(catalogue: Catalogue) -> None:
    with pytest.raises(CatalogueError, match=r"hi.toml: \[farewell\] is missing"):
        prompt_of(catalogue, "farewell", "hi")


def test_a_missing_file_names_itself_and_what_it_lacks(write_texts: Write) -> None:
    folder = write_texts()
    (folder / "pa.toml").unlink()
    found = problems_of(folder)
    assert "pa.toml: no such file" in found
    assert "pa.toml: [goodbye] is missing" in found


@pytest.mark.parametrize(
    ("english", "problem"),
    [
        ('["goodbye"]\ntext = "Bye {child}."', "pa.toml: [goodbye] lacks {child}, which another language says"),
        ('["goodbye"]\ntext = "Bye {Child}."', "en.toml: [goodbye]: text: a slot is written {name}"),
        ('["goodbye"]\ntext = " "', "en.toml: [goodbye]: text is missing or empty"),
        ('["goodbye"]\npurpose = "to part"', "en.toml: [goodbye]: text is missing or empty"),
        ('["goodbye"]\ntext = "Bye."\ntxet = "Bye."', "en.toml: [goodbye]: no such key 'txet'"),
        ('["goodbye"]\ntext = "Bye धन."', "en.toml: [goodbye]: text: ध न is not in the language's script"),
        ('["goodbye"]\ntext = "Press 1."', "en.toml: [goodbye]: text: write 1 in words"),
        ('["goodbye"]\ntext = "Cafe\u0301."', "en.toml: [goodbye]: text: not composed Unicode (NFC)"),
        ('["goodbye"]\ntext = "Bye."\nwithout_child = "Bye."', "without_child: the text has no {child} to leave out"),
        ("[goodbye.now]\ntext = 'Bye.'", 'en.toml: [goodbye]: put the id in quotes and write text = "..." below it'),
        ('["Good Bye"]\ntext = "Bye."', "en.toml: [Good Bye]: an id is small letters"),
        ("goodbye =", "en.toml: not TOML"),
    ],
)
def test_a_wrong_text_is_named_with_file_prompt_and_cure(write_texts: Write, english: str, problem: str) -> None:
    assert problem in problems_of(write_texts(en=english))


def test_the_variant_without_a_name_must_do_without_it(write_texts: Write) -> None:
    english = '["greeting"]\ntext = "Hello {child}."\nwithout_child = "Hello {child} of {school}."'
    found = problems_of(write_texts(en=english))
    assert "without_child: this text must do without {child}" in found
    assert "without_child: {school} is not in the text" in found


def test_the_products_own_texts_are_whole() -> None:
    catalogue = load_catalogue()
    assert len(catalogue) == len(ids(catalogue)) * len(LANGUAGES)
    assert all(catalogue[prompt_id, "en"].purpose for prompt_id in ids(catalogue))
    assert prompt_of(catalogue, "listen.consent", "pa").version
