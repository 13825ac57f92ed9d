"""The epochs of a training on made examples: progress, validation, checkpoints, and what it says of itself."""

import argparse
import dataclasses
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from tqdm import tqdm

from model.data.scenes.writing import Sources
from model.networks.description import Description
from model.networks.registry import count_parameters
from model.networks.training_record import Epoch, select_epochs
from model.training import checkpoints, devices
from model.training.describe import versions
from model.training.stream.training import StreamRecipe, StreamTraining

OPTIONS: Final = ("epochs", "batch_size", "learning_rate", "weight_decay")  # of train.py, that change the recipe
UNUSED: Final = (  # and those that would change nothing
    "corrections", "data", "label_smoothing", "drawings", "varied", "glyphs", "without", "nondigits",
    "early_stopping", "keep_best", "tensorboard",
)  # fmt: skip


class StreamRun:
    """The epochs of a training: each validated, and then written to `checkpoint`."""

    def __init__(self, training: StreamTraining[Any], checkpoint: Path | None) -> None:
        self.training, self.checkpoint = training, checkpoint
        self.identity = {**dataclasses.asdict(training.recipe), "seed": training.seed}
        self.history: list[Epoch] = []
        self.earlier, self.started = 0.0, time.perf_counter()

    @property
    def seconds(self) -> float:
        """Training time, without the pause between an interruption and its resumption."""
        return self.earlier + time.perf_counter() - self.started

    def resume(self) -> str:
        """Go on from the checkpoint. Returns a message for the user. Raises CheckpointError if it does not fit."""
        if self.checkpoint is None or not self.checkpoint.exists():
            return f"There is no {self.checkpoint} to resume from: starting anew."
        tensors, values = checkpoints.load(self.checkpoint)
        checkpoints.check(self.checkpoint, values, self.identity)
        with checkpoints.fitting(self.checkpoint):
            self.training.restore(tensors, values)
            self.history = [Epoch(**epoch) for epoch in values["history"]]
            self.earlier, self.started = self.history[-1].seconds, time.perf_counter()
        return f"Going on after epoch {self.training.epoch}, from {self.checkpoint}."

    def run(self) -> None:
        """Run the epochs that are left, each behind a progress bar."""
        training = self.training
        while training.epoch < training.recipe.epochs:
            title = f"epoch {training.epoch + 1}/{training.recipe.epochs}"
            with tqdm(
                total=training.steps * training.recipe.batch_size, desc=title, unit=f" {training.unit}", unit_scale=True
            ) as bar:

                def show(loss: float, measure: float, bar: Any = bar) -> None:
                    bar.set_postfix({"loss": f"{loss:.3f}", training.measure: f"{measure:.2%}"}, refresh=False)
                    bar.update(training.recipe.batch_size)

                loss, share = training.run_epoch(show)
                validation_loss, validation_share = training.validate(training.averaged)
                bar.set_postfix(
                    {"loss": f"{loss:.3f}", training.measure: f"{share:.2%}", "validation": f"{validation_share:.2%}"}
                )
            rate = float(f"{training.schedule.get_last_lr()[0]:.4g}")
            figures = [round(value, 6) for value in (loss, share, validation_loss, validation_share)]
            self.history.append(Epoch(training.epoch, *figures, rate, round(self.seconds, 1)))  # type: ignore[call-arg]
            if self.checkpoint:
                tensors, values = training.state()
                values |= {"identity": self.identity, "history": [dataclasses.asdict(epoch) for epoch in self.history]}
                checkpoints.save(self.checkpoint, tensors, values)


def unused(options: argparse.Namespace) -> list[str]:
    """List the options of train.py that were given, and would change nothing."""
    values = {name: getattr(options, name) for name in UNUSED}
    given = (name for name, value in values.items() if value is not None and value is not False and value != [])
    return [f"--{name.replace('_', '-')}" for name in given]


def recipe_of(options: argparse.Namespace, usual: StreamRecipe) -> StreamRecipe:
    """Change the usual recipe as the options of train.py say."""
    given = {name: getattr(options, name) for name in OPTIONS if getattr(options, name) is not None}
    recipe = dataclasses.replace(usual, **given)
    return dataclasses.replace(recipe, epochs=1, examples=64, validation=64) if options.dry_run else recipe


def title(training: StreamTraining[Any], sources: Sources) -> str:
    """Say in a line what is trained, on what, and where."""
    recipe = training.recipe
    return (
        f"Training {training.network_name} ({count_parameters(training.network):,} parameters) on {training.device} "
        f"with {recipe.epochs} × {recipe.examples:,} {training.unit}, written with {len(sources.digits):,} pen digits "
        f"and {len(sources.images):,} of MNIST's, seed {training.seed}."
    )


def describe(training: StreamTraining[Any], run: StreamRun, share: float) -> Description:
    """Put together what the weights file says of itself; `share` is the measure on the validation examples."""
    recipe = {
        **dataclasses.asdict(training.recipe), "seconds": round(run.seconds), "device": str(training.device),
        "memory": devices.peak_memory(),
    }  # fmt: skip
    to_input = training.to_input
    return Description(
        network=training.network_name, input_size=to_input.size, channels=to_input.channels, mean=to_input.mean,
        std=to_input.std, classes=training.classes, metrics={"validation": round(share, 6)}, recipe=recipe,
        seed=training.seed, versions=versions(), created=datetime.now(UTC).isoformat(timespec="seconds"),
        history=select_epochs(run.history),
    )  # fmt: skip
