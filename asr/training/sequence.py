"""Teaching whole sequences of phones: lattice-free maximum mutual information (Povey and others, Interspeech 2016).

A network taught frame by frame is as sorry for a mistake that the neighbouring phones would mend as for one that turns
a word into another. Here the score of what was said competes with the scores of everything that could have been: every
sequence of phones, by how often one follows another. What the network then tells are scores, no probabilities, and ask
for no priors.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

TOLERANCE = 1  # labelled frames by which a phone may begin earlier or later than its label
UNSEEN = 0.5  # count of a pair of phones that was never seen
FRAMEWISE_SHARE = 0.1  # how much of the lesson of single frames stays, so that no score runs away
SMALL = 3e-5  # price of a squared score: only differences between them count
FARTHEST = 30.0  # scores beyond are cut
FORBIDDEN = -1e4
Floats = NDArray[np.float32]
Labels = NDArray[np.int64]


@dataclass(frozen=True)
class Competition:
    """``follows[p, q]`` is P(phone q | phone p), ``begins[p]`` how often phone p is heard at any moment.

    The states are the pdfs of the labels: 2p is the first frame of phone p, 2p + 1 any further one.
    """

    follows: Floats
    begins: Floats

    def lesson(self, scores: Floats, wanted: Labels) -> tuple[float, Floats]:
        """The mean loss of a frame, and its slope for every score.

        ``scores`` are examples by states by frames, ``wanted`` the labels, -1 where there are none: whatever the
        network says there costs nothing.
        """
        real = (wanted >= 0)[:, None, :]
        frames = max(int(real.sum()), 1)
        inside = np.abs(scores) < FARTHEST
        scores = np.where(real, np.clip(scores, -FARTHEST, FARTHEST), 0).astype(np.float32)
        anything, of_all = self.occupied(scores)
        said, of_said = self.occupied(np.where(self.allowed(wanted), scores, np.float32(FORBIDDEN)))
        share = np.exp(scores - scores.max(1, keepdims=True))
        share /= share.sum(1, keepdims=True)
        right = np.arange(scores.shape[1])[None, :, None] == wanted[:, None, :]
        framewise = -float(np.log(np.maximum(share[right], 1e-30)).sum())
        loss = float(of_all.sum() - of_said.sum()) + FRAMEWISE_SHARE * framewise + SMALL * float((scores**2).sum())
        slope = anything - said + FRAMEWISE_SHARE * (share - right) + 2 * SMALL * scores
        return loss / frames, (slope * (real & inside) / frames).astype(np.float32)

    def allowed(self, wanted: Labels) -> NDArray[np.bool_]:
        """Both states of every phone labelled at a frame or within TOLERANCE of it; anything where no label is."""
        phone = np.arange(len(self.begins))[None, :, None]
        near = np.pad(wanted // 2, ((0, 0), (TOLERANCE, TOLERANCE)), mode="edge")
        frames, found = wanted.shape[1], np.zeros((len(wanted), len(self.begins), wanted.shape[1]), dtype=bool)
        for shift in range(2 * TOLERANCE + 1):
            label = near[:, None, shift : shift + frames]
            found |= (label == phone) | (label < 0)
        return np.repeat(found, 2, axis=1)

    def occupied(self, scores: Floats) -> tuple[Floats, NDArray[np.float64]]:
        """How likely each state is at each frame given all scores, and the logarithm of the sum of all ways."""
        highest = scores.max(1, keepdims=True)
        said = np.exp(scores - highest).transpose(2, 0, 1)
        first, further = np.ascontiguousarray(said[:, :, 0::2]), np.ascontiguousarray(said[:, :, 1::2])
        total = highest.sum((1, 2), dtype=np.float64)
        states = np.empty((len(said), len(scores), len(self.begins), 2), np.float32)
        entered = stayed = np.broadcast_to(self.begins, first[0].shape)
        for frame, state in enumerate(states):
            if frame:
                stayed = states[frame - 1].sum(-1)
                entered = stayed @ self.follows
            state[..., 0], state[..., 1] = entered * first[frame], stayed * further[frame]
            whole = state.sum((1, 2), keepdims=True)
            state /= whole
            total += np.log(whole[:, 0, 0])
        ahead = np.ones_like(first[0])
        for frame in range(len(said) - 1, -1, -1):
            states[frame] *= ahead[:, :, None]
            states[frame] /= states[frame].sum((1, 2), keepdims=True)
            ahead = (first[frame] * ahead) @ self.follows.T + further[frame] * ahead
            ahead /= ahead.sum(1, keepdims=True)
        return states.transpose(1, 2, 3, 0).reshape(scores.shape), total


def competition(labels: Sequence[NDArray[np.int16]], phones: int) -> Competition:
    """Of so many phones, by the labels of a corpus."""
    pairs, alone = np.full((phones, phones), UNSEEN), np.ones(phones)
    for states in labels:
        begun = states[(states % 2 == 0) | (np.arange(len(states)) == 0)] // 2
        np.add.at(pairs, (begun[:-1], begun[1:]), 1)
        alone += np.bincount(states // 2, minlength=phones)
    follows = pairs / pairs.sum(1, keepdims=True)
    return Competition(follows.astype(np.float32), (alone / alone.sum()).astype(np.float32))
