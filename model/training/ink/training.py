"""The training loop of the ink network, and its state between two epochs."""

import dataclasses
import os
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F
from torch.optim.swa_utils import AveragedModel
from torch.utils.data import DataLoader

from model.data.scenes.compose import Sources
from model.networks.registry import NETWORKS
from model.training import checkpoints
from model.training.devices import fast_bfloat16
from model.training.ink.scenes import FIELD, Scenes, varied

VALIDATION_SEED: Final = 20
PRINT_WEIGHT: Final = 0.3  # of the loss: print matters less than ink
PROBABILITIES_WEIGHT: Final = 4.0  # of cross-entropy beside overlap


@dataclass(frozen=True)
class InkRecipe:
    """How the ink network is trained."""

    epochs: int = 26
    scenes: int = 8000  # in an epoch, all of them new
    validation: int = 512  # scenes with writers and MNIST digits that no training sees
    batch_size: int = 16
    learning_rate: float = 4e-3  # the peak of a one-cycle schedule
    warm_up: float = 0.05  # fraction of the training in which the rate rises
    weight_decay: float = 0.01
    averaging: float = 0.1  # the result is a running average over about this last fraction


class InkTraining:
    """A network in training, with its state between two epochs. Read `averaged` for the weights to keep."""

    def __init__(
        self, network: nn.Module, sources: Sources, unseen: Sources, recipe: InkRecipe, device: torch.device,
        seed: int,
    ) -> None:  # fmt: skip
        self.recipe, self.device, self.seed = recipe, device, seed
        self.sources, self.epoch = sources, 0
        self.to_input = dataclasses.replace(NETWORKS["ink"].input, size=(FIELD, FIELD))
        # Half of the processors compose scenes: more threads here would only wait for one another.
        cores = os.cpu_count() or 1
        self.workers = max(1, cores // 2)
        torch.set_num_threads(max(1, cores - self.workers))
        self.network = network.to(device).to(memory_format=torch.channels_last)
        self.steps = recipe.scenes // recipe.batch_size
        self.optimizer = torch.optim.AdamW(network.parameters(), recipe.learning_rate, weight_decay=recipe.weight_decay)
        self.schedule = torch.optim.lr_scheduler.OneCycleLR(
            self.optimizer, recipe.learning_rate, total_steps=recipe.epochs * self.steps, pct_start=recipe.warm_up,
            cycle_momentum=False,
        )  # fmt: skip
        self.average = AveragedModel(network, avg_fn=self._average, use_buffers=True)
        self.autocast = fast_bfloat16(device)
        self.validation = Scenes(unseen, recipe.validation, (VALIDATION_SEED,))

    @property
    def averaged(self) -> nn.Module:
        """The averaged network, in evaluation mode."""
        network: nn.Module = self.average.module
        return network.eval()

    def run_epoch(self, on_step: Callable[[float, float], object] = lambda loss, overlap: None) -> tuple[float, float]:
        """Train for one epoch, calling `on_step` with mean loss and overlap so far. Returns both."""
        self.network.train()
        random = torch.Generator().manual_seed(self.seed * 1000 + self.epoch)
        scenes = Scenes(self.sources, self.steps * self.recipe.batch_size, (self.seed, 1, self.epoch))
        sums = np.zeros(2)
        for step, (pictures, truth) in enumerate(self._loader(scenes), start=1):
            pictures, truth = varied(pictures, truth, random)
            with torch.autocast(self.device.type, torch.bfloat16, enabled=self.autocast):
                logits = self.network(self.to_input(pictures.to(self.device))).float()
            truth = truth.to(self.device).float() / 255
            loss = ink_loss(logits, truth)
            self.optimizer.zero_grad(set_to_none=True)
            torch.autograd.backward(loss)
            nn.utils.clip_grad_norm_(self.network.parameters(), 1.0)
            self.optimizer.step()
            self.schedule.step()
            self.average.update_parameters(self.network)
            sums += loss.item(), overlap(logits.detach(), truth).mean().item()
            on_step(sums[0] / step, sums[1] / step)
        self.epoch += 1
        return float(sums[0] / self.steps), float(sums[1] / self.steps)

    @torch.inference_mode()
    def validate(self, network: nn.Module) -> tuple[float, float]:
        """Return a network's loss on the validation scenes, and the mean overlap of the ink found with the true ink."""
        losses, overlaps = [], []
        for pictures, truth in self._loader(self.validation):
            logits = network(self.to_input(pictures.to(self.device))).float()
            wanted = truth.to(self.device).float() / 255
            losses.append(ink_loss(logits, wanted).item() * len(pictures))
            overlaps.append(overlap(logits, wanted))
        return sum(losses) / len(self.validation), torch.cat(overlaps).mean().item()

    def _loader(self, scenes: Scenes) -> DataLoader[tuple[Tensor, Tensor]]:
        return DataLoader(scenes, self.recipe.batch_size, num_workers=self.workers, prefetch_factor=8)

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


def ink_loss(logits: Tensor, truth: Tensor) -> Tensor:
    """Compute the loss of logits (B, 2, H, W) for the truth in the same shape, from 0 to 1.

    Cross-entropy of ink and print, and the overlap of ink (Dice loss, Milletari et al., "V-Net", 2016), for which a
    small digit counts as much as a large one.
    """
    cross = F.binary_cross_entropy_with_logits(logits, truth, reduction="none").mean(dim=(0, 2, 3))
    ink, wanted = logits[:, 0].sigmoid(), truth[:, 0]
    common, total = (ink * wanted).sum(dim=(1, 2)), (ink + wanted).sum(dim=(1, 2))
    dice = 1 - (2 * common + 20) / (total + 20)  # 20 pixels more, so that empty paper has a loss, too
    return PROBABILITIES_WEIGHT * (cross[0] + PRINT_WEIGHT * cross[1]) + dice.mean()


def overlap(logits: Tensor, truth: Tensor) -> Tensor:
    """Return intersection over union of the ink found with the true ink, for each picture (B,); 1 for empty paper."""
    found, wanted = logits[:, 0] > 0, truth[:, 0] > 0.5
    common, either = (found & wanted).sum(dim=(1, 2)), (found | wanted).sum(dim=(1, 2))
    return (common + 1) / (either + 1)
