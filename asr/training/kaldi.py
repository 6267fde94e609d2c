"""The acoustic model as Kaldi's binary ``final.mdl``: transition model, network, priors."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
COARSE, FINE = 255, 65_535  # steps of a weight in one byte and in two


@dataclass(frozen=True)
class Layer:
    """``matrix`` is out x (in * offsets), columns offset by offset; every layer but the last ends in a ReLU."""

    offsets: tuple[int, ...]
    matrix: Floats
    bias: Floats


class BinaryWriter:
    """Kaldi's binary tokens: numbers carry their size in a byte before them, tokens end in a space."""

    def __init__(self) -> None:
        self.data = bytearray(b"\0B")

    def text(self, text: str) -> BinaryWriter:
        self.data += text.encode()
        return self

    def token(self, token: str) -> BinaryWriter:
        return self.text(token + " ")

    def integer(self, value: int) -> BinaryWriter:
        self.data += struct.pack("<bi", 4, value)
        return self

    def number(self, value: float) -> BinaryWriter:
        self.data += struct.pack("<bf", 4, value)
        return self

    def truth(self, value: bool) -> BinaryWriter:
        return self.text("T" if value else "F")

    def integers(self, values: list[int]) -> BinaryWriter:
        self.data += struct.pack("<bi", 4, len(values)) + np.asarray(values, "<i4").tobytes()
        return self

    def vector(self, values: Floats) -> BinaryWriter:
        self.token("FV").integer(len(values))
        self.data += np.asarray(values, "<f4").tobytes()
        return self

    def matrix(self, values: Floats, *, steps: int = FINE) -> BinaryWriter:
        """In equal steps from the least to the greatest, one or two bytes a weight; the library reads floats back.

        Kaldi's compressed matrices ``CM3`` and ``CM2``: a fourth and half of floats' size.
        """
        least = np.float32(values.min())
        reach = max(float(values.max() - least), 1e-30)
        taken = np.rint((values.astype(np.float64) - least) / reach * steps)
        self.token("CM3" if steps == COARSE else "CM2")
        self.data += struct.pack("<ffii", least, reach, *values.shape)
        self.data += taken.astype("u1" if steps == COARSE else "<u2").tobytes()
        return self


def write_transitions(out: BinaryWriter, phones: int, pdfs: list[tuple[int, int]]) -> None:
    """Phones 1..n, one emitting state each; ``pdfs`` gives (first frame, further frames) per phone."""
    out.token("<TransitionModel>").token("<Topology>")
    out.integers(list(range(1, phones + 1))).integers([-1] + [0] * phones)
    out.integer(-1).integer(1).integer(2)
    out.integer(0).integer(1).integer(2).integer(0).number(0.5).integer(1).number(0.5)
    out.integer(-1).integer(-1).integer(0)
    out.token("</Topology>").token("<Tuples>").integer(phones)
    for phone, (first, further) in enumerate(pdfs, 1):
        out.integer(phone).integer(0).integer(first).integer(further)
    out.token("</Tuples>").token("<LogProbs>")
    out.vector(np.array([0.0] + [-0.6931] * (2 * phones), np.float32)).token("</LogProbs>").token("</TransitionModel>")


def network_config(layers: list[Layer], inputs: int) -> str:
    """The nnet3 nodes: input, affine and ReLU per layer, log-softmax at the end."""
    lines, before = [f"input-node name=input dim={inputs}"], "input"
    for number in range(len(layers)):
        lines.append(f"component-node name=l{number}.a component=l{number}.a input={before}")
        before = f"l{number}.a"
        if number < len(layers) - 1:
            lines.append(f"component-node name=l{number}.r component=l{number}.r input={before}")
            before = f"l{number}.r"
    lines.append(f"component-node name=out.ls component=out.ls input={before}")
    lines.append("output-node name=output input=out.ls objective=linear")
    return "\n".join(lines) + "\n\n"


def write_affine(out: BinaryWriter, name: str, layer: Layer, steps: int) -> None:
    out.token("<ComponentName>").token(name).token("<TdnnComponent>").token("<LearningRate>").number(0.001)
    out.token("<TimeOffsets>").integers(list(layer.offsets))
    out.token("<LinearParams>").matrix(layer.matrix, steps=steps).token("<BiasParams>").vector(layer.bias)
    out.token("<OrthonormalConstraint>").number(0).token("<UseNaturalGradient>").truth(True)
    out.token("<NumSamplesHistory>").number(2000).token("<AlphaInOut>").number(4).number(4)
    out.token("<RankInOut>").integer(20).integer(80).token("</TdnnComponent>")


def write_nonlinear(out: BinaryWriter, name: str, kind: str, dimension: int) -> None:
    empty = np.zeros(0, np.float32)
    out.token("<ComponentName>").token(name).token(f"<{kind}>").token("<Dim>").integer(dimension)
    out.token("<ValueAvg>").vector(empty).token("<DerivAvg>").vector(empty).token("<Count>").number(0)
    out.token("<OderivRms>").vector(empty).token("<OderivCount>").number(0)
    out.token("<NumDimsSelfRepaired>").number(0).token("<NumDimsProcessed>").number(0).token(f"</{kind}>")


def write_model(path: Path, layers: list[Layer], priors: Floats, pdfs: list[tuple[int, int]], inputs: int) -> None:
    """``am/final.mdl`` that stock libvosk loads. Context is recomputed by the library, so zeros stand for it."""
    out = BinaryWriter()
    write_transitions(out, len(pdfs), pdfs)
    out.text("<Nnet3> \n").text(network_config(layers, inputs))
    out.token("<NumComponents>").integer(2 * len(layers))
    for number, layer in enumerate(layers):
        # The first layer holds the features' own scales, too far apart for 256 steps. In the others word error stays.
        write_affine(out, f"l{number}.a", layer, COARSE if number else FINE)
        if number < len(layers) - 1:
            write_nonlinear(out, f"l{number}.r", "RectifiedLinearComponent", len(layer.bias))
    write_nonlinear(out, "out.ls", "LogSoftmaxComponent", len(layers[-1].bias))
    out.token("</Nnet3>").token("<LeftContext>").integer(0).token("<RightContext>").integer(0)
    out.token("<Priors>").vector(priors)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(out.data)
