"""The epochs of a training: validation, checkpoints, resumption, early stopping."""

import copy
import dataclasses
import json
import math
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from tqdm import tqdm

from model.data.image_set import ImageSet
from model.errors import Diverged
from model.evaluation.evaluate import evaluate
from model.networks.training_record import Epoch
from model.training import checkpoints, devices
from model.training.tensorboard import Board
from model.training.trainer import Progress, Training


class Run:
    """A `training` that is validated on `chooser` after every epoch and then written to `checkpoint`.

    `identity` names all that must be the same when it is resumed. With `patience` it ends after that many epochs in
    which the validation loss did not fall; with `keep_best` the result is the epoch with the least of it, and else the
    last one.
    """

    def __init__(
        self,
        training: Training,
        chooser: ImageSet,
        checkpoint: Path | None,
        identity: Mapping[str, Any],
        patience: int | None = None,
        keep_best: bool = False,
    ) -> None:
        self.training, self.checkpoint, self.identity = training, checkpoint, json.loads(json.dumps(identity))
        self.patience, self.keep_best = patience, keep_best
        self.chooser = chooser[devices.rank() :: devices.ranks()].to(training.device)
        self.history: list[Epoch] = []
        self.best: dict[str, Tensor] = {}
        self.earlier = 0.0  # seconds of training before it was resumed
        self.started = time.perf_counter()

    @property
    def seconds(self) -> float:
        """Training time, without the pause between an interruption and its resumption."""
        return self.earlier + time.perf_counter() - self.started

    @property
    def best_epoch(self) -> Epoch:
        """The epoch with the lowest validation loss."""
        return min(self.history, key=lambda epoch: epoch.validation_loss)

    @property
    def finished(self) -> bool:
        """Whether all epochs are done, or the last `patience` epochs did not lower the validation loss."""
        done = len(self.history)
        stalled = self.patience is not None and done > 0 and done - self.best_epoch.epoch >= self.patience
        return done >= self.training.recipe.epochs or stalled

    def result(self) -> nn.Module:
        """Return the trained network, in evaluation mode."""
        network = self.training.averaged
        if self.keep_best and self.best:
            network = copy.deepcopy(network)
            network.load_state_dict(self.best)
        return network

    def epoch(self, show: Callable[[Progress], object] = lambda progress: None) -> Epoch:
        """Train one epoch, calling `show` after every batch, then validate and write a checkpoint. Raises Diverged."""
        training = self.training
        progress = training.run_epoch(show)
        scores = evaluate(training.averaged, self.chooser, training.to_input)
        sums = torch.tensor([scores.count, scores.correct, scores.loss * scores.count], device=training.device)
        count, correct, loss = devices.total(sums).tolist()
        if not math.isfinite(loss):
            raise Diverged(training.epoch, training.recipe.learning_rate)
        epoch = Epoch(
            epoch=training.epoch,
            training_loss=round(progress.loss, 6),
            training_accuracy=round(progress.accuracy, 6),
            validation_loss=round(loss / count, 6),
            validation_accuracy=round(correct / count, 6),
            learning_rate=float(f"{training.schedule.get_last_lr()[0]:.4g}"),
            seconds=round(self.seconds, 1),
        )
        self.history.append(epoch)
        if self.keep_best and self.best_epoch == epoch:
            self.best = {name: tensor.clone() for name, tensor in training.averaged.state_dict().items()}
        self._save()
        return epoch

    def _save(self) -> None:
        if self.checkpoint is None:
            return
        tensors, values = self.training.state()
        if devices.rank() == 0:
            values |= {"identity": self.identity, "history": [dataclasses.asdict(epoch) for epoch in self.history]}
            checkpoints.save(self.checkpoint, tensors | checkpoints.named("best", self.best), values)

    def begin(self, resume: bool) -> str:
        """Resume from the checkpoint, if that is wanted and it exists. Returns a message for the user, or nothing."""
        if self.checkpoint is None or not self.checkpoint.exists():
            return f"There is no {self.checkpoint} to resume from: starting anew." if resume else ""
        if not resume:
            return f"{self.checkpoint} of an unfinished training will be replaced: --resume would go on with it."
        self._resume(self.checkpoint)
        return f"Going on after epoch {self.training.epoch}, from {self.checkpoint}."

    def _resume(self, checkpoint: Path) -> None:
        """Resume from a checkpoint. Raises CheckpointError for that of another training, naming what differs."""
        tensors, values = checkpoints.load(checkpoint)
        checkpoints.check(checkpoint, values, self.identity)
        with checkpoints.fitting(checkpoint):
            self.training.restore(tensors, values)
            self.history = [Epoch(**epoch) for epoch in values["history"]]
        self.best = checkpoints.part(tensors, "best")
        self.earlier = self.history[-1].seconds
        self.started = time.perf_counter()


def run_epochs(run: Run, board: Board | None = None) -> None:
    """Run the epochs that are left, each behind a progress bar with loss, accuracy and images a second."""
    training = run.training
    while not run.finished:
        title = f"epoch {training.epoch + 1}/{training.recipe.epochs}"
        quiet = devices.rank() > 0
        with tqdm(total=training.epoch_images, desc=title, unit=" images", unit_scale=True, disable=quiet) as bar:

            def show(progress: Progress, bar: Any = bar) -> None:
                bar.set_postfix(loss=f"{progress.loss:.3f}", accuracy=f"{progress.accuracy:.2%}", refresh=False)
                bar.update(progress.images - bar.n)

            epoch = run.epoch(show)
            bar.set_postfix(
                loss=f"{epoch.training_loss:.3f}",
                accuracy=f"{epoch.training_accuracy:.2%}",
                validation=f"{epoch.validation_accuracy:.2%}",
            )
        if board:
            board.epoch(epoch)
