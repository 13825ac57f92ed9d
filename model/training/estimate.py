"""How long a training will take, measured on a few steps before it begins."""

import copy
import time
from typing import Final

import torch
from torch.nn import functional as F

from model.training import devices
from model.training.augment import augment
from model.training.trainer import Training

STEPS: Final = 2  # that are timed, after one that is not: the first one sets things up


def estimate(training: Training) -> float:
    """Return about how many seconds the epochs that are left will take. The training stays as it is.

    What is timed are the steps of a copy, on random numbers of its own. Validation is not in it.
    """
    network = copy.deepcopy(training.network).train()
    random = torch.Generator(training.device).manual_seed(0)
    size = min(training.recipe.batch_size // devices.ranks(), len(training.digits))
    some = training.digits[:size]
    with torch.random.fork_rng(devices=[training.device] if training.device.type == "cuda" else []):
        for step in range(1 + STEPS):
            if step == 1:
                started = _now(training.device)
            images = augment(some.images, some.labels, training.recipe.augmentation, random)
            with torch.autocast(training.device.type, torch.bfloat16, enabled=training.autocast):
                logits = network(training.to_input(images))
            torch.autograd.backward(F.cross_entropy(logits.float(), some.labels))
    seconds = (_now(training.device) - started) / STEPS
    return seconds * (training.schedule.total_steps - training.schedule.last_epoch)


def _now(device: torch.device) -> float:
    if device.type == "cuda":
        torch.cuda.synchronize(device)  # it computes ahead of the program
    return time.perf_counter()
