"""Each process begins with another module: none of them may need one that needs it."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.conftest import ROOT


@pytest.mark.parametrize("first", ["ivr.preparing", "ivr.voice.parts", "ivr.app", "ivr.recording"])
def test_a_process_may_begin_with_it(first: str) -> None:
    began = subprocess.run([sys.executable, "-c", f"import {first}"], cwd=ROOT, capture_output=True, text=True)
    assert began.returncode == 0, began.stderr
