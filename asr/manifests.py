"""A model's manifest: what it was made from, and the size and SHA-256 of each of its files."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

NAME = "manifest.json"
NOT_LISTED = {NAME, "README.md"}


def files_of(folder: Path) -> dict[str, dict[str, Any]]:
    """Size and SHA-256 of each file of the model, by path."""
    paths = sorted(path for path in folder.rglob("*") if path.is_file() and path.name not in NOT_LISTED)
    return {
        path.relative_to(folder).as_posix(): {
            "bytes": path.stat().st_size,
            "sha256": hashlib.sha256(path.read_bytes()).hexdigest(),
        }
        for path in paths
    }


def read_manifest(folder: Path) -> dict[str, Any] | None:
    """The manifest, or None for a model that has none: a published one."""
    path = folder / NAME
    return dict(json.loads(path.read_text(encoding="utf-8"))) if path.is_file() else None


def differences(folder: Path) -> list[str]:
    """Files that are missing, added or not as the manifest says; empty when everything is right."""
    manifest = read_manifest(folder)
    if manifest is None:
        return [NAME]
    wanted, found = manifest["files"], files_of(folder)
    return sorted(name for name in wanted.keys() | found.keys() if wanted.get(name) != found.get(name))
