"""Scenes of model.data.scenes as a data set for torch, and what varies a batch of them."""

from collections.abc import Sequence
from pathlib import Path
from typing import Final

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.utils.data import Dataset

from model.data import mnist, pen_digits, templates
from model.data.pen_digits import PenDigit
from model.data.scenes.compose import Scene, compose
from model.data.scenes.writing import Sources, What

SIZES: Final = ((192, 192), (192, 144), (144, 192), (192, 96), (96, 192))  # of scenes: width, height
SHARES: Final = (0.5, 0.15, 0.15, 0.1, 0.1)
FIELD: Final = 192  # in pixels, of the square that a scene is padded to, with the colours of its edges
ROWS: Final = ((288, 128), (384, 96))  # width and height of rows, as a second look sees them: FIELD² pixels, too
ROW_SHARE: Final = 0.4  # of all batches
ROW_KINDS: Final = (0.65, 0.12, 0.23)  # the shares of rows, empty forms and anything among their scenes


class Scenes(Dataset[tuple[Tensor, Tensor]]):
    """Scenes by number: the same number gives the same scene, in whatever process it is composed.

    Each is a picture (3, H, W) and its truth (2, H, W), uint8, of FIELD² pixels; the scenes of a batch, `batch` in
    turn, have one size: mostly FIELD by FIELD, or one of ROWS.
    """

    def __init__(self, sources: Sources, count: int, seed: Sequence[int], batch: int) -> None:
        self.sources, self.count, self.seed, self.batch = sources, count, tuple(seed), batch

    def __len__(self) -> int:
        return self.count

    def __getitem__(self, index: int) -> tuple[Tensor, Tensor]:
        random = np.random.default_rng([*self.seed, index])
        common = np.random.default_rng([*self.seed, index // self.batch, 1])  # of its batch
        if common.random() < ROW_SHARE:
            kinds: tuple[What | None, ...] = ("row", "nothing", None)
            what = kinds[random.choice(3, p=ROW_KINDS)]
            scene = compose(self.sources, ROWS[common.integers(len(ROWS))], random, what)
            return _tensor(scene.picture), _tensor(scene.truth)
        scene = compose(self.sources, SIZES[random.choice(len(SIZES), p=SHARES)], random)
        return _padded(scene)


def sources_of(folder: Path, strokes: Sequence[PenDigit]) -> tuple[Sources, Sources]:
    """Return what training scenes are written with, and what validation scenes are. Raises DataMissing."""
    training, validation = mnist.split_validation(mnist.load(folder, train=True))
    writers, unseen = map(templates.or_templates, pen_digits.split_writers(strokes))
    return (
        Sources(writers, training.images.numpy(), training.labels.numpy()),
        Sources(unseen, validation.images.numpy(), validation.labels.numpy()),
    )


def _padded(scene: Scene) -> tuple[Tensor, Tensor]:
    height, width = scene.picture.shape[:2]
    room = (0, FIELD - height), (0, FIELD - width), (0, 0)
    return _tensor(np.pad(scene.picture, room, mode="edge")), _tensor(np.pad(scene.truth, room))


def _tensor(image: NDArray[np.uint8]) -> Tensor:
    return torch.from_numpy(image.transpose(2, 0, 1).copy())


def varied(pictures: Tensor, truth: Tensor, random: torch.Generator) -> tuple[Tensor, Tensor]:
    """Mirror and recolour a batch at random: ink remains ink.

    Pictures are not turned by a right angle: a printed line would become a 1.
    """
    chances = torch.rand(3, generator=random) < 0.5
    if chances[0]:
        pictures, truth = pictures.flip(3), truth.flip(3)
    if chances[1]:
        pictures, truth = pictures.flip(2), truth.flip(2)
    if chances[2]:
        pictures = pictures[:, torch.randperm(3, generator=random)]
    return pictures, truth
