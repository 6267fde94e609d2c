"""Clips lie under the hash of their bytes; processes share the folder without locks."""

from __future__ import annotations

import hashlib
import threading
from pathlib import Path

import numpy as np
import pytest

from prompts.audio import wav_of
from prompts.clips import CLIP_NAME, Clip, ClipStore
from prompts.errors import AudioRejected, ClipDamaged

SOUND = wav_of(3000 * np.sin(np.arange(4000) / 3))


def test_a_clip_is_named_by_its_bytes(store: ClipStore) -> None:
    clip = store.add(SOUND)
    assert clip.name == f"{hashlib.sha256(SOUND).hexdigest()}.wav"
    assert clip.seconds == 0.5
    assert store.read(clip.name) == SOUND
    assert store.add(SOUND) == clip
    assert [path.name for path in store.folder.glob("*.wav")] == [clip.name]


def test_a_recipe_leads_every_process_to_its_clip(store: ClipStore) -> None:
    clip = store.add(SOUND)
    other = ClipStore(store.folder)
    assert other.find("ab12") is None
    store.remember("ab12", clip)
    assert other.find("ab12") == clip


def test_a_clip_whose_bytes_changed_is_not_played(store: ClipStore) -> None:
    clip = store.add(SOUND)
    (store.folder / clip.name).write_bytes(SOUND[:-2])
    with pytest.raises(ClipDamaged, match="other bytes"):
        store.read(clip.name)


def test_a_clip_that_was_taken_away_is_rendered_again(store: ClipStore) -> None:
    clip = store.add(SOUND)
    store.remember("ab12", clip)
    (store.folder / clip.name).unlink()
    assert ClipStore(store.folder).find("ab12") is None
    with pytest.raises(ClipDamaged, match="is not in"):
        store.read(clip.name)


@pytest.mark.parametrize("entry", [b"", b"{", b"[]", b'{"clip": 1}', b'{"clip": "x"}'])
def test_an_unreadable_index_entry_counts_as_none(store: ClipStore, entry: bytes) -> None:
    store.remember("ab12", store.add(SOUND))
    (store.folder / "index" / "ab" / "ab12").write_bytes(entry)
    assert ClipStore(store.folder).find("ab12") is None


@pytest.mark.parametrize("name", ["../secret.wav", "x.wav", "a" * 64, "A" * 64 + ".wav", "a" * 64 + ".wav\n"])
def test_only_names_of_clips_lead_into_the_folder(store: ClipStore, name: str) -> None:
    with pytest.raises(ClipDamaged, match="not the name of a clip"):
        store.path(name)


def test_only_telephone_sound_is_kept(store: ClipStore) -> None:
    with pytest.raises(AudioRejected):
        store.add(wav_of(np.ones(100), 16_000))


def test_many_writers_of_the_same_sound_leave_one_whole_file(tmp_path: Path) -> None:
    found: list[Clip] = []

    def write() -> None:
        store = ClipStore(tmp_path)
        store.remember("ab12", store.add(SOUND))
        clip = ClipStore(tmp_path).find("ab12")
        assert clip is not None
        found.append(clip)

    threads = [threading.Thread(target=write) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 8 and len(set(found)) == 1
    assert not list(tmp_path.rglob("*.part"))
    assert all(CLIP_NAME.fullmatch(path.name) for path in tmp_path.glob("*.wav"))
