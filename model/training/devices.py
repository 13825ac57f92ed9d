"""Where to compute, and what the machine is good at."""

import ctypes
import platform
from pathlib import Path

import torch


def choose_device(name: str = "auto") -> torch.device:
    """Pick CUDA or MPS where there is one, else the processor; or the device that `name` asks for."""
    if name != "auto":
        return torch.device(name)
    if torch.cuda.is_available():
        return torch.device("cuda")
    return torch.device("mps" if torch.backends.mps.is_available() else "cpu")


def describe(device: torch.device) -> str:
    """Name the machine that a figure was measured on: the GPU, or the processor and how many threads compute."""
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
