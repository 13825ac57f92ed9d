"""Fine-tuning on corrections, without forgetting.

Every epoch mixes the corrections with a part of MNIST and of the usual drawings (rehearsal). If validation digits are
read worse all the same, the new weights are interpolated towards the old ones, as in Wortsman et al., "Robust
Fine-Tuning of Zero-Shot Models" (2022). Weights that are still worse are not installed.
"""

import copy
import dataclasses
from collections import Counter
from collections.abc import Mapping
from typing import Final

import torch
from torch import Tensor, nn

from corrections.entries import NONE
from model.data import image_set
from model.data.image_set import ImageSet
from model.data.sources import Data
from model.errors import UsageError
from model.evaluation.evaluate import class_logits
from model.evaluation.significance import Marks, got_worse
from model.inference.recognizer import Recognizer
from model.networks.description import Description, WeightsError
from model.networks.weights import Weights
from model.training import corrections, devices
from model.training.corrections import Lessons
from model.training.recipe import Recipe

REHEARSED: Final = 5_000  # MNIST digits in an epoch, different ones in each variant
OFTEN: Final = 64  # the most repetitions of a correction in an epoch
SHARE: Final = 0.25  # the largest share of corrections, relative to what is rehearsed
MIXES: Final = (1.0, 0.75, 0.5, 0.25)  # interpolation from the old weights (0) to the new ones (1), in this order
HELD_OUT: Final = "held-out corrections"
NAMES: Final = {
    "validation": "MNIST validation",
    "pen validation": "pen digits, unseen writers",
    HELD_OUT: HELD_OUT,
}


def gentle(recipe: Recipe, rejects: bool) -> Recipe:
    """Turn a network's recipe into that of a short training at a low learning rate, with fewer drawings."""
    return dataclasses.replace(
        recipe,
        epochs=4,
        learning_rate=recipe.learning_rate / 5,
        drawings=1,
        varied=0,
        glyphs=min(recipe.glyphs, 1500),
        nondigits=min(recipe.nondigits or 1000, 1000) if rejects else 0,
    )


def check(old: Weights) -> None:
    """Raise a DigitpadError where `old` cannot learn from corrections, or several processes would train it."""
    if old.description.classes != image_set.CLASSES or old.description.channels != 1:
        raise WeightsError("Only weights that read the ten digits can be trained on corrections.")
    if devices.ranks() > 1:
        raise UsageError("--corrections trains in one process: start it without torchrun")


def title(name: str, old: Weights, corrected: Lessons, images: int, device: torch.device, seed: int) -> str:
    """Say in a line what is trained, on what, and where."""
    return (
        f"Fine-tuning {name} ({old.version[:15]}…) on {device} with {len(corrected.training):,} corrections "
        f"among {images:,} images an epoch, {len(corrected.held_out):,} held out, seed {seed}."
    )


def rehearse(data: Data, corrected: Lessons, seed: int) -> list[ImageSet]:
    """Compose the images of each variant: a part of MNIST, the usual drawings, and the corrections."""
    order = torch.randperm(len(data.training), generator=torch.Generator().manual_seed(seed))
    drawn = data.variants or [data.training[:0]]
    variants = []
    for turn, variant in enumerate(drawn):
        digits = data.training[order.roll(-turn * REHEARSED)[:REHEARSED]]
        others = len(digits) + len(variant)
        times = max(2, min(OFTEN, round(SHARE * others / len(corrected.training))))
        shown = corrections.draw(corrected.training, times, seed + turn)
        variants.append(image_set.concatenate([digits, variant, shown]))
    return variants


def mark(found: Weights, data: Data, corrected: Lessons) -> dict[str, Marks]:
    """Mark which validation digits and which held-out corrections are read correctly."""
    marks = {name: _digits(found, data.held_out[name]) for name in NAMES if name in data.held_out}
    readings = Recognizer.of(found, "").read([*corrections.seen(corrected.held_out).images.numpy()])
    labels = [None if correction.label == NONE else correction.label for correction in corrected.held_out]
    marks[HELD_OUT] = torch.tensor([reading.label == label for reading, label in zip(readings, labels, strict=True)])
    return marks


def nearest(old: Weights, new: nn.Module, data: Data, before: Mapping[str, Marks]) -> tuple[nn.Module, float]:
    """Interpolate from `old` towards `new` as far as validation digits are not read worse; also return how far.

    Returns `new` itself where every interpolation reads them worse.
    """
    mixed = copy.deepcopy(new)
    for part in MIXES:
        mixed.load_state_dict(_mix(old.network.state_dict(), new.state_dict(), part))
        found = Weights(mixed, old.description, "")
        marks = {name: _digits(found, data.held_out[name]) for name in before if name != HELD_OUT}
        if not got_worse(before, marks):
            return mixed, part
    return new, 1.0


def _mix(old: Mapping[str, Tensor], new: Mapping[str, Tensor], part: float) -> dict[str, Tensor]:
    return {
        name: torch.lerp(old[name], tensor, part) if tensor.is_floating_point() else tensor
        for name, tensor in new.items()
    }


def _digits(found: Weights, images: ImageSet) -> Marks:
    return class_logits(found, images).argmax(dim=1) == images.labels


def describe(description: Description, old: Weights, corrected: Lessons, part: float, right: Marks) -> Description:
    """Add the corrections to a description. `right` marks the held-out corrections that are read correctly."""
    record = {
        "from": old.version,
        "training": len(corrected.training),
        "held out": len(corrected.held_out),
        "labels": dict(sorted(Counter(correction.label for correction in corrected.training).items())),
        "part of the way": part,
    }
    return dataclasses.replace(
        description,
        arguments=old.description.arguments,
        data={**description.data, "corrections": corrected.digest()},
        recipe={**description.recipe, "corrections": record},
        metrics={**description.metrics, HELD_OUT: round(float(right.double().mean()), 6)},
    )


def worse_sets(marks: Mapping[str, Mapping[str, Marks]]) -> list[str]:
    """Name the held-out sets that the weights "after" read worse than any others in `marks`."""
    others = [found for name, found in marks.items() if name != "after"]
    worse = [name for before in others for name in got_worse(before, marks["after"], strict=(HELD_OUT,))]
    return [NAMES.get(name, name) for name in dict.fromkeys(worse)]
