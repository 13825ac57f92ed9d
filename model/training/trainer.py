"""The training loop: schedule, precision, averaging, and its state between two epochs."""

import copy
import dataclasses
import itertools
import math
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import torch
from torch import Tensor, nn
from torch.nn import functional as F
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn

from model.data.image_set import ImageSet, concatenate
from model.errors import Diverged, UsageError
from model.preprocessing.network_input import Input
from model.training import checkpoints, devices
from model.training.augment import augment
from model.training.devices import fast_bfloat16
from model.training.recipe import Recipe

AUGMENTED_TOGETHER: Final = 8  # batches, of images up to this many values each: those of CIFAR-10
SMALL: Final = 3 * 32 * 32
TIMED: Final = 2  # steps, for an estimate


@dataclass(frozen=True)
class Progress:
    """The progress of an epoch. Loss and accuracy are those of augmented images, which are harder than validation's."""

    images: int
    loss: float
    accuracy: float


class Training:
    """A network in training on one device, or on several processes' devices in step.

    Every epoch sees all of `fixed` and one of `variants`, which are drawings of the same pen digits with other pens.
    `statistics` are the mean and the standard deviation of a pixel that the network was trained with so far; without
    them, those of `fixed`. Read `averaged` for the weights to keep. Started by torchrun, each process trains on its
    share of every batch.
    """

    def __init__(
        self,
        network: nn.Module,
        fixed: ImageSet,
        variants: Sequence[ImageSet],
        recipe: Recipe,
        device: torch.device,
        seed: int,
        to_input: Input | None = None,
        statistics: tuple[float, float] | None = None,
    ) -> None:
        self.recipe, self.device, self.epoch = recipe, device, 0
        if recipe.batch_size % devices.ranks():
            raise UsageError(f"{devices.ranks()} processes cannot share a batch of {recipe.batch_size} evenly")
        # All processes shuffle alike; each augments its share with its own random numbers.
        self.order = torch.Generator(device).manual_seed(seed)
        self.random = torch.Generator(device).manual_seed(seed + 1 + devices.rank())
        parts = [fixed, *variants]
        self.digits = concatenate(parts).to(device)
        # Where each epoch's digits lie in `digits`: the fixed ones, and one of the variants.
        bounds = torch.tensor([0, *(len(part) for part in parts)]).cumsum(0).tolist()
        always = torch.arange(bounds[1], device=device)
        self.turns = [
            torch.cat([always, torch.arange(start, end, device=device)])
            for start, end in itertools.pairwise(bounds[1:])
        ] or [always]
        mean, std = statistics or fixed.statistics()
        self.to_input = dataclasses.replace(to_input or Input(), mean=round(mean, 4), std=round(std, 4))

        self.network = network.to(device).to(memory_format=torch.channels_last)
        self.parallel = devices.parallel(self.network)
        steps = recipe.epochs * max(self._batches(turn) for turn in self.turns)
        if steps * recipe.warm_up == 1:
            steps += 1  # the schedule would divide by zero
        self.optimizer = torch.optim.AdamW(
            _decay_groups(network, recipe.weight_decay), recipe.learning_rate, fused=True
        )
        self.schedule = torch.optim.lr_scheduler.OneCycleLR(
            self.optimizer, recipe.learning_rate, total_steps=steps, pct_start=recipe.warm_up
        )
        self.average = AveragedModel(network, multi_avg_fn=self._average, use_buffers=True)
        self.autocast = fast_bfloat16(device)

    @property
    def averaged(self) -> nn.Module:
        """The averaged network, in evaluation mode."""
        network: nn.Module = self.average.module
        return network.eval()

    @property
    def epoch_images(self) -> int:
        """The number of images in the next epoch."""
        turn = self._turn()
        return min(len(turn), self._batches(turn) * self.recipe.batch_size)

    def _turn(self) -> Tensor:
        return self.turns[self.epoch % len(self.turns)]

    def _batches(self, turn: Tensor) -> int:
        """Count the full batches of an epoch. A smaller last one is dropped: each shuffle drops other images."""
        return max(1, len(turn) // self.recipe.batch_size)

    def run_epoch(self, on_step: Callable[[Progress], object] = lambda progress: None) -> Progress:
        """Train for one epoch, reshuffled, calling `on_step` after every batch with this process's progress.

        Returns the progress of all processes together. Raises Diverged when the loss is no number any more.
        """
        self.network.train()
        turn = self._turn()
        sums = torch.zeros(3, device=self.device)  # images, loss, hits
        progress = Progress(0, 0.0, 0.0)
        for step, (images, labels) in enumerate(self._shuffled(turn), start=1):
            sums += self._step(images, labels)
            seen = progress.images + len(labels) * devices.ranks()
            # Reading a value synchronises with the GPU, so it is not done at every step.
            exact = step % 20 == 1 or step == self._batches(turn)
            progress = _progress(sums, seen) if exact else dataclasses.replace(progress, images=seen)
            if not math.isfinite(progress.loss):
                raise Diverged(self.epoch + 1, self.recipe.learning_rate)
            on_step(progress)
        devices.share(self.average.buffers())
        self.epoch += 1
        return _progress(devices.total(sums), progress.images)

    def _shuffled(self, turn: Tensor) -> Iterator[tuple[Tensor, Tensor]]:
        ranks, batches = devices.ranks(), self._batches(turn)
        size = min(self.recipe.batch_size, len(turn)) // ranks  # of this process's share of a batch
        order = turn[torch.randperm(len(turn), generator=self.order, device=self.device)]
        shares = order[: batches * ranks * size].view(batches, ranks, size)
        # Several batches are augmented together: the operations are small, and the cost is in calling them. Those of
        # large photographs are not, and would take gigabytes.
        together = AUGMENTED_TOGETHER if self.digits.images[:1].numel() <= SMALL else 1
        for some in torch.split(shares[:, devices.rank()].flatten(), size * together):
            chosen = self.digits[some]
            images = augment(chosen.images, chosen.labels, self.recipe.augmentation, self.random)
            yield from zip(torch.split(images, size), torch.split(chosen.labels, size), strict=True)

    def _step(self, images: Tensor, labels: Tensor) -> Tensor:
        with torch.autocast(self.device.type, torch.bfloat16, enabled=self.autocast):
            logits = self.parallel(self.to_input(images))
        loss = F.cross_entropy(logits.float(), labels, label_smoothing=self.recipe.label_smoothing)
        self.optimizer.zero_grad(set_to_none=True)
        torch.autograd.backward(loss)
        self.optimizer.step()
        self.schedule.step()
        self.average.update_parameters(self.network)
        count = torch.full_like(loss, len(labels))
        return torch.stack([count, loss.detach() * count, (logits.argmax(dim=1) == labels).sum()])

    def _average(self, averages: Any, current: Any, count: Any) -> None:
        """Move the averages towards the current weights, by less the longer the training is.

        The averages thus cover the last part of the training so far, and forget the initial weights soon.
        Source: polynomial-decay averaging, in Shamir and Zhang, "Stochastic Gradient Descent for Non-smooth
        Optimization: Convergence Results and Optimal Averaging Schemes" (2013).
        """
        weight = 1 / max(1.0, self.recipe.averaging * self.schedule.last_epoch)  # which counts steps
        get_ema_multi_avg_fn(1 - weight)(averages, current, count)  # type: ignore[no-untyped-call]

    def estimate(self) -> float:
        """Return about how many seconds the epochs that are left will take, without validation.

        What is timed are a few steps of a copy, on random numbers of its own: the training stays as it is.
        """
        network, random = copy.deepcopy(self.network).train(), torch.Generator(self.device).manual_seed(0)
        some = self.digits[: min(self.recipe.batch_size // devices.ranks(), len(self.digits))]
        started = 0.0
        with torch.random.fork_rng(devices=[self.device] if self.device.type == "cuda" else []):
            for step in range(1 + TIMED):
                if step == 1:  # the first one sets things up
                    started = _now(self.device)
                images = augment(some.images, some.labels, self.recipe.augmentation, random)
                with torch.autocast(self.device.type, torch.bfloat16, enabled=self.autocast):
                    logits = network(self.to_input(images))
                torch.autograd.backward(F.cross_entropy(logits.float(), some.labels))
        left = self.schedule.total_steps - self.schedule.last_epoch  # which count steps
        return (_now(self.device) - started) / TIMED * left

    def state(self) -> tuple[dict[str, Tensor], dict[str, Any]]:
        """Return all that the next epochs depend on: tensors, and values for JSON.

        Every process must call it, since each has its own random state.
        """
        optimizer = self.optimizer.state_dict()
        moments = {
            f"{index}.{name}": value for index, values in optimizer["state"].items() for name, value in values.items()
        }
        chances = {"global": torch.get_rng_state(), "order": self.order.get_state(), "own": self.random.get_state()}
        if self.device.type == "cuda":
            chances["device"] = torch.cuda.get_rng_state(self.device)
        by_process = [
            {f"{number}.{name}": found for number, found in enumerate(devices.collect(chance.to(self.device)))}
            for name, chance in chances.items()
        ]
        tensors = {
            **checkpoints.named("network", self.network.state_dict()),
            **checkpoints.named("average", self.average.state_dict()),
            **checkpoints.named("optimizer", moments),
            **checkpoints.named("random", {name: found for some in by_process for name, found in some.items()}),
        }
        values = {
            "epoch": self.epoch,
            "groups": [{**group, "params": list(group["params"])} for group in optimizer["param_groups"]],
            "schedule": self.schedule.state_dict(),
        }
        return tensors, values

    def restore(self, tensors: Mapping[str, Tensor], values: Mapping[str, Any]) -> None:
        """Restore what `state` returned, to the bit."""
        self.network.load_state_dict(checkpoints.part(tensors, "network"))
        self.average.load_state_dict(checkpoints.part(tensors, "average"))
        moments: dict[int, dict[str, Tensor]] = {}
        for name, value in checkpoints.part(tensors, "optimizer").items():
            index, _, key = name.partition(".")
            moments.setdefault(int(index), {})[key] = value
        self.optimizer.load_state_dict({"state": moments, "param_groups": values["groups"]})
        for parameter, found in self.optimizer.state.items():
            for key, value in found.items():
                if value.shape == parameter.shape:  # the fused step needs moments in the memory layout of their weights
                    found[key] = torch.empty_like(parameter).copy_(value)
        self.schedule.load_state_dict(dict(values["schedule"]))
        self.epoch = values["epoch"]
        chances = checkpoints.part(tensors, f"random.{devices.rank()}")
        torch.set_rng_state(chances["global"])
        self.order.set_state(chances["order"])
        self.random.set_state(chances["own"])
        if "device" in chances:
            torch.cuda.set_rng_state(chances["device"], self.device)


def _now(device: torch.device) -> float:
    if device.type == "cuda":
        torch.cuda.synchronize(device)  # it computes ahead of the program
    return time.perf_counter()


def _progress(sums: Tensor, images: int) -> Progress:
    count, loss, hits = sums.tolist()
    return Progress(images, loss / count, hits / count)


def _decay_groups(network: nn.Module, weight_decay: float) -> list[dict[str, object]]:
    """Exempt biases and normalisation from weight decay: shrinking them only shifts the activations."""
    weights = [parameter for parameter in network.parameters() if parameter.ndim > 1]
    others = [parameter for parameter in network.parameters() if parameter.ndim <= 1]
    return [{"params": weights, "weight_decay": weight_decay}, {"params": others, "weight_decay": 0.0}]
