"""Devices and their abilities, and data-parallel training in the processes that torchrun starts.

Without torchrun there is one process, rank 0 of 1, and the functions from `process_group` on do nothing.
"""

import ctypes
import gc
import importlib
import os
import platform
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import torch
import torch.distributed as dist
from torch import Tensor, nn
from torch.nn.parallel import DistributedDataParallel


def choose_device(name: str = "auto") -> torch.device:
    """Pick CUDA or MPS where there is one, else the processor; or the device that `name` asks for."""
    if name != "auto":
        return torch.device(name)
    if torch.cuda.is_available():
        return torch.device("cuda")
    return torch.device("mps" if torch.backends.mps.is_available() else "cpu")


def describe(device: torch.device) -> str:
    """Name the GPU, or the processor and the number of threads."""
    if device.type == "cuda":
        return torch.cuda.get_device_name(device)
    cores = f"{torch.get_num_threads()} threads"
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
        model = next(line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    except (OSError, StopIteration):
        model = platform.processor() or platform.machine()
    return f"{model}, {cores}"


def fast_bfloat16(device: torch.device) -> bool:
    """Tell whether `device` computes bfloat16 in hardware. Emulated, it makes training slower."""
    if device.type == "cuda":
        return bool(torch.cuda.is_bf16_supported(including_emulation=False))
    if device.type == "cpu":
        capabilities = torch.cpu.get_capabilities()
        return bool(capabilities.get("amx_bf16") or capabilities.get("avx512_bf16"))
    return False


def is_out_of_memory(error: Exception) -> bool:
    """Tell whether `error` says that the device has no memory left. Processors and MPS say so in words alone."""
    words = str(error).lower()
    return isinstance(error, MemoryError | torch.OutOfMemoryError) or (
        isinstance(error, RuntimeError) and ("out of memory" in words or "can't allocate memory" in words)
    )


def peak_memory() -> int | None:
    """Return the most memory that this process has had at once, in bytes, or None where the system does not say."""
    try:
        import resource
    except ImportError:  # Windows
        return None
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit


def keep_freed_memory() -> None:
    """Tell glibc's allocator to keep freed memory. Call it before training on a CPU.

    By default it returns large blocks to the kernel, which zeroes them page by page when the next batch asks again:
    that took a third of the time of a training step.
    """
    if platform.libc_ver()[0] != "glibc":
        return
    mmap_max, trim_threshold = -4, -1  # M_MMAP_MAX and M_TRIM_THRESHOLD in malloc.h
    libc = ctypes.CDLL(None)
    libc.mallopt(mmap_max, 0)
    libc.mallopt(trim_threshold, 2**31 - 1)


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
        torch.cuda.set_device(own)  # NCCL uses it where no tensor names a device, as in a barrier
    # Its functions bind the group that exists when it is first imported, which DistributedDataParallel does. Imported
    # before there is a group, they bind none and do not keep it alive.
    importlib.import_module("torch.distributed.nn.functional")
    dist.init_process_group("nccl" if own.type == "cuda" else "gloo")
    yield
    dist.barrier()  # a process that leaves early closes connections that others still use
    dist.destroy_process_group()
    gc.collect()  # a training is a reference cycle, and holds the group


def rank() -> int:
    """Return the number of this process. Rank 0 writes files and prints."""
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
    """Sum `values` over all processes."""
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
    """Run the block in rank 0 before the others: it downloads what they then find."""
    if rank() > 0:
        dist.barrier()
    yield
    if rank() == 0 and ranks() > 1:
        dist.barrier()
