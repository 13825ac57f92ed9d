"""Weights that go on learning, from what was corrected, without forgetting what they knew.

Every epoch rehearses a part of MNIST and of everything else that a training draws, beside the corrections. Where the
network forgets all the same, it goes back a part of the way to the old weights, as in Wortsman et al., "Robust
Fine-Tuning of Zero-Shot Models" (2022). What still got worse is not installed.
"""

import copy
import dataclasses
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, Final

import torch
from torch import Tensor, nn

from corrections.store import NONE, Store
from model.data import image_set
from model.data.image_set import ImageSet
from model.data.sources import Data
from model.errors import UsageError
from model.evaluation.evaluate import look_twice
from model.evaluation.significance import Marks, got_worse, table
from model.inference.recognizer import Recognizer
from model.networks import weights
from model.networks.description import Description, WeightsError
from model.networks.weights import Weights
from model.training import corrections, distributed
from model.training.corrections import Lessons
from model.training.loop import Run
from model.training.pipeline import Job, load_data, put_in_place, say, tell, train
from model.training.recipe import Recipe
from model.training.trainer import Training

REHEARSED: Final = 5_000  # of MNIST's training digits, others in each variant
OFTEN: Final = 64  # times at most that an epoch shows each correction
SHARE: Final = 0.25  # of what is rehearsed at most: many corrections are shown less often each
MIXES: Final = (1.0, 0.75, 0.5, 0.25)  # parts of the way from the old weights to the new ones
HELD_OUT: Final = "held-out corrections"
NAMES: Final = {"validation": "MNIST validation", "pen validation": "pen digits, unseen writers"}


def recipe_for(recipe: Recipe, rejects: bool) -> Recipe:
    """Turn a network's recipe into that of a short training at a low rate, for which less has to be drawn."""
    return dataclasses.replace(
        recipe,
        epochs=4,
        learning_rate=recipe.learning_rate / 5,
        drawings=1,
        varied=0,
        glyphs=min(recipe.glyphs, 1500),
        nondigits=min(recipe.nondigits or 1000, 1000) if rejects else 0,
        cuts=min(recipe.cuts, 600),
    )


def fine_tune(job: Job, old: Weights, store: Store) -> int:
    """Train `old` on the corrections in `store`, report, and save. Returns the exit status: 1 where it got worse.

    Raises TooFew, StoreError, DataMissing, PenDigitsError, WeightsError and OSError; the weights then stay as they are.
    """
    started = time.perf_counter()
    _check(old.description)
    corrected = corrections.choose(store.everything(), old.description.rejects)
    rivals = {"before": old, **_installed(job, old)}
    data = load_data(job)
    variants = rehearse(job, data, corrected)
    title = _title(job, old, corrected, variants)
    say(title)
    marks = {name: mark(rival, data, corrected) for name, rival in rivals.items()}

    torch.manual_seed(job.seed)
    statistics = old.description.mean, old.description.std
    training = Training(
        copy.deepcopy(old.network), data.training[:0], variants, job.recipe, job.device, job.seed,
        old.description.input, statistics,
    )  # fmt: skip
    run = Run(training, data.chooser, None, {}, job.patience, job.keep_best)
    train(run, None)
    network, part = nearest(old, run.result().cpu(), data, marks["before"])
    judgement, description, text = tell(job, run, data, network.to(job.device), title, started)
    description = dataclasses.replace(
        description,
        arguments=old.description.arguments,
        data={**description.data, "corrections": corrected.digest()},
        recipe={**description.recipe, "corrections": _record(corrected, old, part)},
    )
    marks["after"] = mark(Weights(network.cpu(), description, ""), data, corrected)
    held_out = round(float(marks["after"][HELD_OUT].double().mean()), 6)
    description = dataclasses.replace(description, metrics={**description.metrics, HELD_OUT: held_out})
    compared = table({**NAMES, HELD_OUT: HELD_OUT}, marks)
    print(f"\n{compared}")
    worse = [name for rival in rivals for name in got_worse(marks[rival], marks["after"], strict=(HELD_OUT,))]
    stays = None
    if worse and not job.force:
        stays = (
            f"stays: the new weights read worse ({', '.join(NAMES.get(name, name) for name in dict.fromkeys(worse))})."
        )
    return put_in_place(job, network, description, judgement.pictures, f"{text}\n\n{compared}", stays)


def rehearse(job: Job, data: Data, corrected: Lessons) -> list[ImageSet]:
    """Put together what epochs see: a part of MNIST, what a training draws beside it, and the corrections."""
    order = torch.randperm(len(data.training), generator=torch.Generator().manual_seed(job.seed))
    drawn = data.variants or [data.training[:0]]
    variants = []
    for turn, variant in enumerate(drawn):
        digits = data.training[order.roll(-turn * REHEARSED)[:REHEARSED]]
        others = len(digits) + len(variant)
        times = max(2, min(OFTEN, round(SHARE * others / len(corrected.training))))
        shown = corrections.draw(corrected.training, times, job.seed + turn)
        variants.append(image_set.concatenate([digits, variant, shown]))
    return variants


def mark(found: Weights, data: Data, corrected: Lessons) -> dict[str, Marks]:
    """Tell which of the validation digits, and which of the held-out corrections, are read rightly."""
    marks = {name: _digits(found, data.held_out[name]) for name in NAMES if name in data.held_out}
    readings = Recognizer.of(found, "").read([*corrections.seen(corrected.held_out).images.numpy()])
    labels = [None if correction.label == NONE else correction.label for correction in corrected.held_out]
    marks[HELD_OUT] = torch.tensor([reading.label == label for reading, label in zip(readings, labels, strict=True)])
    return marks


def nearest(old: Weights, new: nn.Module, data: Data, before: Mapping[str, Marks]) -> tuple[nn.Module, float]:
    """Return `new`, or as much of the way to it from `old` as does not read validation digits worse, and that part.

    Where all of it does, it is `new` itself.
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
    _, logits = look_twice(found.network, images.images, found.description.input)
    return logits[:, : len(found.description.classes)].argmax(dim=1) == images.labels


def _check(description: Description) -> None:
    if description.classes != image_set.CLASSES or description.channels != 1:
        raise WeightsError("Only weights that read the ten digits can be trained on corrections.")
    if distributed.ranks() > 1:
        raise UsageError("--corrections trains in one process: start it without torchrun")


def _installed(job: Job, old: Weights) -> dict[str, Weights]:
    """Load the weights that would be replaced, where they are others than those that the training begins from."""
    if job.dry_run or job.force or not job.weights.exists():
        return {}
    found = weights.load(job.weights)
    _check(found.description)
    return {} if found.version == old.version else {"installed": found}


def _title(job: Job, old: Weights, corrected: Lessons, variants: Sequence[ImageSet]) -> str:
    return (
        f"Fine-tuning {job.network} ({old.version[:15]}…) on {job.device} with {len(corrected.training):,} corrections "
        f"among {len(variants[0]):,} images an epoch, {len(corrected.held_out):,} held out, seed {job.seed}."
    )


def _record(corrected: Lessons, old: Weights, part: float) -> dict[str, Any]:
    """Put together what the weights file keeps of the corrections."""
    return {
        "from": old.version,
        "training": len(corrected.training),
        "held out": len(corrected.held_out),
        "labels": dict(sorted(Counter(correction.label for correction in corrected.training).items())),
        "part of the way": part,
    }
