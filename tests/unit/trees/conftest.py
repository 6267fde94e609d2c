"""The product's trees, and what the catalogue can say."""

from __future__ import annotations

from pathlib import Path

import pytest

from ivr.trees.load import PTM_TREE, load_tree
from ivr.trees.model import LANGUAGES, Tree
from prompts.catalogues import Catalogue, load_catalogue

TREES = sorted(PTM_TREE.parent.glob("*.toml"))


@pytest.fixture(params=TREES, ids=lambda path: path.stem)
def each_tree(request: pytest.FixtureRequest) -> Tree:
    path: Path = request.param
    return load_tree(path)


@pytest.fixture(params=LANGUAGES)
def language(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="session")
def ptm() -> Tree:
    return load_tree(PTM_TREE)


@pytest.fixture(scope="session")
def catalogue() -> Catalogue:
    return load_catalogue()
