"""Data-parallel training: what the processes that torchrun starts have to agree on.

Without torchrun there is one process, rank 0 of 1, and every function here does nothing.
"""

import gc
import importlib
import os
from collections.abc import Iterator
from contextlib import contextmanager

import torch
import torch.distributed as dist
from torch import Tensor, nn
from torch.nn.parallel import DistributedDataParallel


@contextmanager
def process_group(device: torch.device) -> Iterator[None]:
    """Join the processes that torchrun started, if it did, for as long as the block runs: gloo on CPUs, NCCL on GPUs.

    After it, the group's threads have ended: an interpreter that is taken down around them may abort. A process that
    fails leaves without waiting for the others; torchrun then stops them.
    """
    if "TORCHELASTIC_RUN_ID" not in os.environ:
        yield
        return
    own = local_device(device)
    if own.type == "cuda":
        torch.cuda.set_device(own)  # what NCCL uses where no tensor says so, as in a barrier
    # Functions in there default to the group that there is when it is first imported, as DistributedDataParallel does:
    # imported before there is one, they do not keep it.
    importlib.import_module("torch.distributed.nn.functional")
    dist.init_process_group("nccl" if own.type == "cuda" else "gloo")
    yield
    dist.barrier()  # who leaves early takes down connections that others still use
    dist.destroy_process_group()
    gc.collect()  # a training refers to itself, and to the group


def rank() -> int:
    """Return this process's number: 0 is the one that writes files and prints."""
    return dist.get_rank() if dist.is_initialized() else 0


def ranks() -> int:
    """Return how many processes train together."""
    return dist.get_world_size() if dist.is_initialized() else 1


def local_device(device: torch.device) -> torch.device:
    """Give each process of a machine its own GPU."""
    local = os.environ.get("LOCAL_RANK")
    if local is not None and str(device) == "cuda":
        return torch.device(f"cuda:{local}")
    return device


def parallel(network: nn.Module) -> nn.Module:
    """Wrap `network` so that its gradients are averaged over all processes."""
    return DistributedDataParallel(network) if ranks() > 1 else network


def total(values: Tensor) -> Tensor:
    """Add `values` up over all processes."""
    if ranks() > 1:
        dist.all_reduce(values)
    return values


def share(tensors: Iterator[Tensor]) -> None:
    """Overwrite `tensors` with those of rank 0."""
    if ranks() > 1:
        for tensor in tensors:
            dist.broadcast(tensor, 0)


def collect(values: Tensor) -> list[Tensor]:
    """Return the `values` of every process, of the same shape in each, in order."""
    if ranks() == 1:
        return [values]
    found = [torch.empty_like(values) for _ in range(ranks())]
    dist.all_gather(found, values)
    return found


@contextmanager
def first_alone() -> Iterator[None]:
    """Run the block in rank 0 before the others run it: it fetches what they then find."""
    if rank() > 0:
        dist.barrier()
    yield
    if rank() == 0 and ranks() > 1:
        dist.barrier()
