"""Training on examples that are made on the fly: the loop, and its state between two epochs.

What is made, what is lost on a batch, and how good the result is, the two trainings say that build on this: ink/ and
line/.
"""

import os
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, ClassVar, Final, Generic, TypeVar

import numpy as np
import torch
from torch import Tensor, nn
from torch.optim.swa_utils import AveragedModel
from torch.utils.data import DataLoader, Dataset

from model.errors import Diverged
from model.networks.registry import NETWORKS
from model.training import checkpoints
from model.training.devices import fast_bfloat16

AHEAD: Final = 8  # batches that each worker makes ahead

Batch = TypeVar("Batch")


@dataclass(frozen=True)
class StreamRecipe:
    """How a network is trained on examples that are made on the fly."""

    epochs: int
    examples: int  # in an epoch, all of them new
    validation: int  # examples with writers and MNIST digits that no training sees
    batch_size: int
    learning_rate: float  # the peak of a one-cycle schedule
    warm_up: float = 0.05  # fraction of the training in which the rate rises
    weight_decay: float = 0.01
    averaging: float = 0.1  # the result is a running average over about this last fraction


class StreamTraining(ABC, Generic[Batch]):
    """A network in training, with its state between two epochs. Read `averaged` for the weights to keep."""

    network_name: ClassVar[str]
    classes: ClassVar[tuple[str, ...]]
    unit: ClassVar[str]  # what the examples are called
    measure: ClassVar[str]  # what is reported beside the loss, from 0 to 1

    def __init__(self, network: nn.Module, recipe: StreamRecipe, device: torch.device, seed: int) -> None:
        self.recipe, self.device, self.seed, self.epoch = recipe, device, seed, 0
        self.to_input = NETWORKS[self.network_name].input
        # Half of the processors make examples: more threads here would only wait for one another.
        cores = os.cpu_count() or 1
        self.workers = max(1, cores // 2)
        torch.set_num_threads(max(1, cores - self.workers))
        self.network = network.to(device).to(memory_format=torch.channels_last)
        self.steps = recipe.examples // recipe.batch_size
        self.optimizer = torch.optim.AdamW(network.parameters(), recipe.learning_rate, weight_decay=recipe.weight_decay)
        self.schedule = torch.optim.lr_scheduler.OneCycleLR(
            self.optimizer, recipe.learning_rate, total_steps=recipe.epochs * self.steps, pct_start=recipe.warm_up,
            cycle_momentum=False,
        )  # fmt: skip
        self.average = AveragedModel(network, avg_fn=self._average, use_buffers=True)
        self.autocast = fast_bfloat16(device)

    @abstractmethod
    def examples(self, epoch: int) -> Dataset[Any]:
        """Return the data set of an epoch: `steps` batches."""

    @abstractmethod
    def loss(self, network: nn.Module, batch: Batch, random: torch.Generator | None) -> tuple[Tensor, Tensor]:
        """Return the loss of a batch and the measure of each example (B,); `random` varies a batch of the training."""

    @abstractmethod
    def validation_examples(self) -> Dataset[Any]:
        """Return the data set for validation."""

    @property
    def averaged(self) -> nn.Module:
        """The averaged network, in evaluation mode."""
        network: nn.Module = self.average.module
        return network.eval()

    def run_epoch(self, on_step: Callable[[float, float], object] = lambda loss, measure: None) -> tuple[float, float]:
        """Train for one epoch, calling `on_step` with mean loss and measure so far. Returns both. Raises Diverged."""
        self.network.train()
        torch.manual_seed(self.seed * 1000 + self.epoch)  # for dropout: a resumed training drops the same
        random = torch.Generator().manual_seed(self.seed * 1000 + self.epoch)
        sums = np.zeros(2)
        for step, batch in enumerate(self.batches(self.examples(self.epoch)), start=1):
            with torch.autocast(self.device.type, torch.bfloat16, enabled=self.autocast):
                loss, measure = self.loss(self.network, batch, random)
            if not torch.isfinite(loss):
                raise Diverged(self.epoch + 1, self.recipe.learning_rate)
            self.optimizer.zero_grad(set_to_none=True)
            torch.autograd.backward(loss)
            nn.utils.clip_grad_norm_(self.network.parameters(), 1.0)
            self.optimizer.step()
            self.schedule.step()
            self.average.update_parameters(self.network)
            sums += loss.item(), measure.float().mean().item()
            on_step(sums[0] / step, sums[1] / step)
        self.epoch += 1
        return float(sums[0] / self.steps), float(sums[1] / self.steps)

    @torch.inference_mode()
    def validate(self, network: nn.Module) -> tuple[float, float]:
        """Return a network's mean loss and measure on the validation examples."""
        losses, measures = [], []
        for batch in self.batches(self.validation_examples()):
            loss, measure = self.loss(network, batch, None)
            losses.append(loss.item() * len(measure))
            measures.append(measure.float())
        measured = torch.cat(measures)
        return sum(losses) / len(measured), measured.mean().item()

    def batches(self, examples: Dataset[Any]) -> Iterable[Batch]:
        """Load batches of examples."""
        return DataLoader(examples, self.recipe.batch_size, num_workers=self.workers, prefetch_factor=AHEAD)

    @torch.no_grad()
    def go_half_way_back(self, start: nn.Module) -> None:
        """Put the average half way between what it was and the network `start`, which the training began from.

        Where the training learns from other examples than the one before, the mean of both forgets less of what no
        validation example shows (Wortsman et al., 2022, *Robust fine-tuning of zero-shot models*).
        """
        before = start.state_dict()
        for name, values in self.averaged.state_dict().items():
            if values.is_floating_point():
                values.lerp_(before[name].to(values), 0.5)

    def _average(self, averaged: Tensor, current: Tensor, count: Tensor | int) -> Tensor:
        """Average over the last part of the training so far; see Training._average."""
        if not averaged.is_floating_point():
            return current
        return torch.lerp(averaged, current, 1 / max(1.0, self.recipe.averaging * self.schedule.last_epoch))

    def state(self) -> tuple[dict[str, Tensor], dict[str, Any]]:
        """Return all that the next epochs depend on: tensors, and values for JSON."""
        optimizer = self.optimizer.state_dict()
        moments = {f"{at}.{name}": value for at, state in optimizer["state"].items() for name, value in state.items()}
        tensors = {
            **checkpoints.named("network", self.network.state_dict()),
            **checkpoints.named("average", self.average.state_dict()),
            **checkpoints.named("optimizer", moments),
        }
        groups = [{**group, "params": list(group["params"])} for group in optimizer["param_groups"]]
        return tensors, {"epoch": self.epoch, "groups": groups, "schedule": self.schedule.state_dict()}

    def restore(self, tensors: dict[str, Tensor], values: dict[str, Any]) -> None:
        """Restore what `state` returned."""
        self.network.load_state_dict(checkpoints.part(tensors, "network"))
        self.average.load_state_dict(checkpoints.part(tensors, "average"))
        moments: dict[int, dict[str, Tensor]] = {}
        for name, value in checkpoints.part(tensors, "optimizer").items():
            at, _, key = name.partition(".")
            moments.setdefault(int(at), {})[key] = value
        self.optimizer.load_state_dict({"state": moments, "param_groups": values["groups"]})
        self.schedule.load_state_dict(values["schedule"])
        self.epoch = values["epoch"]
