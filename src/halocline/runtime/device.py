"""Where and how precisely to compute: device, autocast, threads. Always arguments, never globals."""

import contextlib
import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Literal, get_args

from halocline.runtime.errors import ConfigError, require_at_least, require_choice
from halocline.runtime.limits import check_numbers

if TYPE_CHECKING:
    import torch

Precision = Literal["auto", "fp32", "bf16"]


@dataclass(frozen=True)
class Compute:
    """A device and a precision.

    Attributes:
        device: ``cpu``, ``cuda`` or ``cuda:N``.
        bf16: Whether networks run under bfloat16 autocast (weights, losses and sampler stay float32).
        compiled: Whether networks are compiled (their ``compile_blocks``): a minute or two at the start, then faster, a
            U-Net on GPUs only; results agree to rounding, not to the bit.
        workers: Processes that make training batches ahead, beside the one that trains; 0 for none.
        accumulate: Equal parts in which a process passes its share of a training batch through the network, one after
            the other, to need less memory; results agree to rounding.
    """

    device: "torch.device"
    bf16: bool
    compiled: bool = False
    workers: int = 0
    accumulate: int = 1

    @contextlib.contextmanager
    def autocast(self) -> Iterator[None]:
        """Run the block's matrix products and convolutions in bfloat16 if this compute says so."""
        import torch

        with torch.autocast(self.device.type, dtype=torch.bfloat16, enabled=self.bf16):
            yield


def choose_compute(
    device: str = "auto",
    precision: Precision = "auto",
    *,
    compiled: bool = False,
    workers: int = 0,
    accumulate: int = 1,
) -> Compute:
    """Choose device and precision; ``auto`` takes CUDA if there is one, and bfloat16 where the hardware has it.

    Under torchrun, ``auto`` and ``cuda`` give each process of a machine a GPU of its own, ``cuda:LOCAL_RANK``.

    Raises:
        ConfigError: If CUDA is asked for and absent, there are more processes than GPUs, compilation where there is no
            C++ compiler, worker processes where processes cannot be forked, or fewer than one part of a batch.
    """
    import torch

    require_choice("precision", precision, get_args(Precision))
    check_numbers({"workers": workers})
    require_at_least({"--accumulate": (accumulate, 1)})
    if device == "auto":
        device = "cuda" if torch.cuda.is_available() else "cpu"
    kind, _, number = device.partition(":")
    if kind not in ("cpu", "cuda") or (number and not (number.isascii() and number.isdigit())) or device[-1:] == ":":
        found, expected = f"'{device}'", "auto, cpu, cuda or cuda:N"
        raise ConfigError("device", found=found, expected=expected, remedy="Name one of these.")
    if kind == "cpu":
        device = kind
    if device.startswith("cuda") and not torch.cuda.is_available():
        raise ConfigError(
            "device",
            found=f"'{device}', but PyTorch sees no CUDA device",
            expected="cpu, or a machine with CUDA",
            remedy="Leave --device out, or pass --device cpu.",
        )
    if number and kind == "cuda" and int(number) >= (gpus := torch.cuda.device_count()):
        expected = f"cuda:0 to cuda:{gpus - 1}, the GPUs of this machine"
        raise ConfigError("device", found=f"'{device}'", expected=expected, remedy="Name one of these.")
    chosen = torch.device(_own_gpu() if device == "cuda" else device)
    bf16 = _has_fast_bf16(chosen) if precision == "auto" else precision == "bf16"
    if compiled and chosen.type == "cpu" and not any(shutil.which(name) for name in ("c++", "g++", "clang++")):
        remedy = "Install one, or leave --compile out."
        raise ConfigError(
            "--compile", found="no C++ compiler", expected="c++, g++ or clang++ on the PATH", remedy=remedy
        )
    if workers and not hasattr(os, "fork"):
        remedy = "Leave --workers out."
        raise ConfigError(
            "--workers", found=f"{workers}, where processes cannot be forked", expected="0", remedy=remedy
        )
    return Compute(chosen, bf16, compiled, workers, accumulate)


def set_threads(threads: int | None) -> None:
    """Set the number of CPU threads of PyTorch and of NumPy's BLAS for this process; None leaves their defaults.

    BLAS threads wait for each other by spinning: on cores that others use, a product of matrices takes many times as
    long with several of them as with one.
    """
    import threadpoolctl
    import torch

    check_numbers({"threads": threads})
    if threads is not None:
        torch.set_num_threads(threads)
        threadpoolctl.threadpool_limits(threads, user_api="blas")


def _own_gpu() -> str:
    """Return the GPU of this process: the first, or under torchrun the one with the process's number on its machine."""
    import torch

    local, gpus = os.environ.get("LOCAL_RANK"), torch.cuda.device_count()
    if local is None:
        return "cuda"
    if int(local) >= gpus:
        raise ConfigError(
            "device",
            found=f"{gpus} GPUs, and this is process {int(local) + 1} of its machine",
            expected="a GPU for each process",
            remedy=f"Start torchrun with --nproc-per-node {gpus}, or share one GPU with --device cuda:0.",
        )
    return f"cuda:{local}"


def _has_fast_bf16(device: "torch.device") -> bool:
    import torch

    if device.type == "cuda":
        return torch.cuda.is_bf16_supported(including_emulation=False)
    return _cpu_has_bf16()


@cache
def _cpu_has_bf16() -> bool:
    try:
        flags = Path("/proc/cpuinfo").read_text()
    except OSError:
        return False
    return "avx512_bf16" in flags or "amx_bf16" in flags
