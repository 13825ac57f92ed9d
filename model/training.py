"""The training loop: schedule, precision, averaging."""

import ctypes
import itertools
import platform
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

import torch
from torch import Tensor, nn
from torch.nn import functional as F
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn

from model.augment import Augmentation, augment
from model.datasets import Digits, concatenate
from model.evaluation import to_input

AUGMENTED_TOGETHER: Final = 8  # batches


@dataclass(frozen=True)
class Recipe:
    """How a network is trained, and what each setting is for.

    Of these, only the batch size was compared with another one (docs/training.md).
    """

    epochs: int = 8
    batch_size: int = 128  # many steps in few epochs, and a processor is hardly faster with larger ones
    learning_rate: float = 3e-3  # the peak of a one-cycle schedule: bold in the middle, calm at the end
    warm_up: float = 0.25  # part of the training in which the rate rises
    weight_decay: float = 0.02  # AdamW's, on convolutions and linear layers alone: it keeps weights from growing
    label_smoothing: float = 0.05  # stops logits from growing without end over labels that are not all right
    averaging: float = 0.05  # the weights kept are a running average over this part of the training: less noise
    augmentation: Augmentation = field(default_factory=Augmentation)


@dataclass(frozen=True)
class Progress:
    """What an epoch has to show so far. Loss and accuracy are of augmented images: harder than those in validation."""

    images: int
    loss: float
    accuracy: float


class Training:
    """A network in training on one device.

    Every epoch sees all of `fixed` and one of `variants`, which are drawings of the same pen digits with other pens.
    Read `averaged` for the weights to keep.
    """

    def __init__(
        self,
        network: nn.Module,
        fixed: Digits,
        variants: Sequence[Digits],
        recipe: Recipe,
        device: torch.device,
        seed: int,
    ) -> None:
        self.recipe, self.device, self.epoch = recipe, device, 0
        self.random = torch.Generator(device).manual_seed(seed)
        parts = [fixed, *variants]
        self.digits = concatenate(parts).to(device)
        # Where each epoch's digits lie in `digits`: the fixed ones, and one of the variants.
        bounds = torch.tensor([0, *(len(part) for part in parts)]).cumsum(0).tolist()
        always = torch.arange(bounds[1], device=device)
        self.turns = [
            torch.cat([always, torch.arange(start, end, device=device)])
            for start, end in itertools.pairwise(bounds[1:])
        ] or [always]
        pixels = fixed.images.float() / 255
        self.mean, self.std = round(float(pixels.mean()), 4), round(float(pixels.std()), 4)

        self.network = network.to(device).to(memory_format=torch.channels_last)
        steps = recipe.epochs * max(self._batches(turn) for turn in self.turns)
        self.optimizer = torch.optim.AdamW(
            _decay_groups(network, recipe.weight_decay), recipe.learning_rate, fused=True
        )
        self.schedule = torch.optim.lr_scheduler.OneCycleLR(
            self.optimizer, recipe.learning_rate, total_steps=steps, pct_start=recipe.warm_up
        )
        horizon = max(1.0, recipe.averaging * steps)
        running = get_ema_multi_avg_fn(1 - 1 / horizon)  # type: ignore[no-untyped-call]
        self.average = AveragedModel(network, multi_avg_fn=running, use_buffers=True)
        self.autocast = fast_bfloat16(device)

    @property
    def averaged(self) -> nn.Module:
        """The averaged network, in evaluation mode."""
        network: nn.Module = self.average.module
        return network.eval()

    @property
    def epoch_images(self) -> int:
        """How many images the next epoch will see."""
        turn = self._turn()
        return min(len(turn), self._batches(turn) * self.recipe.batch_size)

    def _turn(self) -> Tensor:
        return self.turns[self.epoch % len(self.turns)]

    def _batches(self, turn: Tensor) -> int:
        """Count the batches of an epoch; a last smaller one is left to other epochs' shuffles."""
        return max(1, len(turn) // self.recipe.batch_size)

    def run_epoch(self, on_step: Callable[[Progress], object] = lambda progress: None) -> Progress:
        """Train for one epoch, shuffled anew, and tell `on_step` after every batch how it goes."""
        self.network.train()
        turn = self._turn()
        loss_sum = correct = torch.zeros((), device=self.device)
        progress = Progress(0, 0.0, 0.0)
        for step, (images, labels) in enumerate(self._shuffled(turn), start=1):
            loss, hits = self._step(images, labels)
            loss_sum, correct = loss_sum + loss * len(labels), correct + hits
            seen = progress.images + len(labels)
            # Reading a figure waits for a GPU to catch up, so it is not done at every step.
            if step % 20 == 1 or step == self._batches(turn):
                progress = Progress(seen, float(loss_sum) / seen, float(correct) / seen)
            else:
                progress = Progress(seen, progress.loss, progress.accuracy)
            on_step(progress)
        self.epoch += 1
        return progress

    def _shuffled(self, turn: Tensor) -> Iterator[tuple[Tensor, Tensor]]:
        size = self.recipe.batch_size
        order = turn[torch.randperm(len(turn), generator=self.random, device=self.device)]
        order = order[: self._batches(turn) * size]
        # Several batches are augmented together: the operations are small, and calling them is what costs.
        for some in torch.split(order, size * AUGMENTED_TOGETHER):
            chosen = self.digits[some]
            images = augment(chosen.images, chosen.labels, self.recipe.augmentation, self.random)
            yield from zip(torch.split(images, size), torch.split(chosen.labels, size), strict=True)

    def _step(self, images: Tensor, labels: Tensor) -> tuple[Tensor, Tensor]:
        with torch.autocast(self.device.type, torch.bfloat16, enabled=self.autocast):
            logits = self.network(to_input(images, self.mean, self.std))
        loss = F.cross_entropy(logits.float(), labels, label_smoothing=self.recipe.label_smoothing)
        self.optimizer.zero_grad(set_to_none=True)
        torch.autograd.backward(loss)
        self.optimizer.step()
        self.schedule.step()
        self.average.update_parameters(self.network)
        return loss.detach(), (logits.argmax(dim=1) == labels).sum()


def _decay_groups(network: nn.Module, weight_decay: float) -> list[dict[str, object]]:
    """Spare biases and normalisation from weight decay: shrinking them only moves the activations."""
    weights = [parameter for parameter in network.parameters() if parameter.ndim > 1]
    others = [parameter for parameter in network.parameters() if parameter.ndim <= 1]
    return [{"params": weights, "weight_decay": weight_decay}, {"params": others, "weight_decay": 0.0}]


def choose_device(name: str = "auto") -> torch.device:
    """Pick CUDA or MPS where there is one, else the processor; or the device that `name` asks for."""
    if name != "auto":
        return torch.device(name)
    if torch.cuda.is_available():
        return torch.device("cuda")
    return torch.device("mps" if torch.backends.mps.is_available() else "cpu")


def fast_bfloat16(device: torch.device) -> bool:
    """Say whether `device` computes bfloat16 in hardware. Where it only emulates it, autocast makes training slower."""
    if device.type == "cuda":
        return bool(torch.cuda.is_bf16_supported(including_emulation=False))
    if device.type == "cpu":
        capabilities = torch.cpu.get_capabilities()
        return bool(capabilities.get("amx_bf16") or capabilities.get("avx512_bf16"))
    return False


def keep_freed_memory() -> None:
    """Tell glibc's allocator to keep what is freed. Call it before training on a processor.

    By default it returns large blocks to the kernel, which zeroes them page by page when the next batch asks again:
    that took a third of the time of a training step.
    """
    if platform.libc_ver()[0] != "glibc":
        return
    mmap_max, trim_threshold = -4, -1  # the numbers of M_MMAP_MAX and M_TRIM_THRESHOLD in malloc.h
    libc = ctypes.CDLL(None)
    libc.mallopt(mmap_max, 0)
    libc.mallopt(trim_threshold, 2**31 - 1)
