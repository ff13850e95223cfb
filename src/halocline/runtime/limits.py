"""What numbers and names of outputs may be, and whether work fits in memory: told before the work."""

import contextlib
import math
import os
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from halocline.runtime.errors import ConfigError, OutputError

_INT32 = 2**31 - 1
_WHOLE = 2**63 - 1
LIMITS: dict[str, tuple[float, float]] = {
    "members": (1, 1_000_000),
    "first": (0, _INT32 - 1_000_000),
    "batch": (1, 1_000_000),
    "starts": (1, 100_000),
    "store_member": (0, _INT32),
    "start_index": (0, _INT32),
    "steps": (1, 100_000),
    "output_hours": (1, 1_000_000),
    "days": (0, 4_000_000),
    "years": (0, 10_000),
    "spinup_years": (0, 10_000),
    "start_years": (1, 100_000),
    "branch_years": (0, 100_000),
    "max_years": (1, 1_000_000),
    "sample_days": (1, 1_000_000),
    "jobs": (1, 1024),
    "workers": (0, 1024),
    "threads": (1, 1024),
    "patterns": (1, 100_000),
    "targets": (1, 1000),
    "categories": (0, 1000),
    "ice_layers": (0, 1000),
    "snow_layers": (0, 1000),
    "coarsen": (1, 100_000),
    "accumulate": (1, 1_000_000),
    "every": (1, 1_000_000_000),
    "noise": (0, 1000),
    "noise_hours": (0, 1_000_000),
    "guidance": (0, 1000),
    "detail_guidance": (1, 10),
    "iterations": (1, 100),
    "radius": (1, 100_000),
    "inflation": (0.01, 100),
    "strength": (0, 1e9),
    "level": (0.001, 1000),
    "fine_share": (0, 1),
    "gap_days": (0, 1_000_000),
    "seed": (-_WHOLE, _WHOLE),
}
"""Least and largest value of numbers that commands and functions take, by name."""
_ADDRESS = re.compile(r"[a-z][a-z0-9+.-]+:/")  # of s3://bucket/name, pathlib leaves one slash, and would make folders
AT_ONCE = 1_000_000_000
"""Bytes of working arrays at once, where work is done in blocks; what takes less is one block."""
LONGEST_NAME = 200
"""Bytes of a name of an output; names of what lies beside it while it is made are longer."""


def check_numbers(numbers: Mapping[str, Any]) -> None:
    """Raise ConfigError unless each number is one, finite, and within the limits of its name; None counts as not given.

    Args:
        numbers: Values by name; what is no number by its type is passed over.
    """
    for name, number in numbers.items():
        low, high = LIMITS.get(name, (-_WHOLE, _WHOLE))
        if isinstance(number, bool) and name in LIMITS:
            raise _wrong(name, f"{number}, which is no number", low, high)
        if isinstance(number, (int, float)) and (not math.isfinite(number) or not low <= number <= high):
            raise _wrong(name, number, low, high)


def is_number(value: object) -> bool:
    """Tell whether a value is a finite number, and neither true nor false."""
    return isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value)


def check_name(path: Path) -> None:
    """Raise OutputError unless a path can be the name of an output: not ``.``, not ``..``, not too long, no address."""
    if _ADDRESS.match(str(path)):
        raise OutputError(
            f"output {str(path)[:80]!r}",
            found="the address of an object store",
            expected="a path on a file system",
            remedy="Write to a file system, and copy the file or the whole folder from there.",
        )
    found = ""
    if path.name in ("", "..") or "\0" in str(path):
        found = "no name of a file or folder of its own"
    elif (length := len(os.fsencode(path.name))) > LONGEST_NAME:
        found = f"a name of {length} bytes"
    if found:
        expected = f"a name of at most {LONGEST_NAME} bytes, e.g. out/{path.suffix or 'NAME'}"
        raise OutputError(f"output {str(path)[:80]!r}", found=found, expected=expected, remedy="Give another --out.")


def memory_bytes() -> int:
    """Return the memory of this machine, or what its control group may take, bytes."""
    sizes = [os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")] if hasattr(os, "sysconf") else [2**62]
    with contextlib.suppress(OSError, ValueError):  # none, or "max"
        sizes.append(int(Path("/sys/fs/cgroup/memory.max").read_text(encoding="ascii")))
    return min(sizes)


def require_memory(field: str, need: float, remedy: str) -> None:
    """Raise ConfigError unless ``need`` bytes fit in the memory of this machine.

    Args:
        field: What takes it, for errors.
        need: Bytes, at the least.
        remedy: What to do.
    """
    if need > (there := memory_bytes()):
        found = f"at least {need / 1e9:.3g} GB of memory needed"
        raise ConfigError(field, found=found, expected=f"at most {there / 1e9:.3g} GB, this machine's", remedy=remedy)


def spans(count: int, each: float, limit: int | None = None) -> Iterator[slice]:
    """Yield slices that share out ``count`` pieces in order, as many at once as fit, one at the least.

    Args:
        count: How many pieces there are.
        each: Bytes that the work on one of them takes.
        limit: Bytes at once; AT_ONCE if None.
    """
    size = max(1, int((AT_ONCE if limit is None else limit) // max(each, 1)))
    for first in range(0, count, size):
        yield slice(first, min(first + size, count))


def _wrong(name: str, found: object, low: float, high: float) -> ConfigError:
    option = name.rstrip("_").replace("_", "-")
    expected = f"a finite number from {low:.10g} to {high:.10g}"
    return ConfigError(option, found=found, expected=expected, remedy="Pass another number.")
