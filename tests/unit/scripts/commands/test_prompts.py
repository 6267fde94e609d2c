from __future__ import annotations

from prompts.catalogues import LANGUAGES
from tests.unit.scripts.commands.conftest import Say


def test_prompts_are_missing_until_they_are_built_and_a_second_build_renders_nothing(say: Say) -> None:
    missing = say("prompts", "check")
    assert missing.exit_code == 1
    assert missing.stdout.startswith("Prompt") and "build the prompts" in missing.stdout
    built = say("prompts", "build")
    assert built.exit_code == 0, built.output
    assert int(built.stdout.split()[2]) > len(LANGUAGES)
    checked = say("prompts", "check")
    assert checked.exit_code == 0 and checked.stdout.endswith(" 0 problem(s).\n")
    assert ": 0 clips rendered" in say("prompts", "build").stdout
