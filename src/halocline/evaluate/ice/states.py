"""Sea-ice states to be scored, read and checked, on the cells of a store."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from halocline.data.store.store import StateStore
from halocline.evaluate.engine.cells import require_same_grid
from halocline.evaluate.engine.disk_states import DiskStates, batches_of
from halocline.evaluate.engine.samples import most_states, require_two, stride
from halocline.evaluate.ice.cover import IceCover
from halocline.evaluate.ice.to_score import ToScore
from halocline.runtime.errors import InputError

_OF_GRID = ("mask", "area", "projection")


def generated_cover(
    found: ToScore, store: StateStore, limit: int, folder: Path | None = None
) -> tuple[IceCover, tuple[str, ...]]:
    """Return generated states, at most ``limit`` evenly spaced, with those variables that the store has too.

    Args:
        found: The states.
        store: The reference.
        limit: Most states.
        folder: Where their file is to have a name, for other processes.

    Returns:
        The states, in a temporary file, and which variables are not scored.

    Raises:
        InputError: If the cells differ, no variable is shared, there are fewer than two states, or a value on an ocean
            cell is not finite.
    """
    require_same_grid(found.grid, store)
    channels = tuple(name for name in store.channels if name in found.names)
    if not channels:
        raise InputError(
            "variables",
            found=f"only {', '.join(found.names)}",
            expected=f"at least one of {', '.join(store.channels)}",
            remedy="Compare states with a reference store of the same kind.",
        )
    most = most_states(limit, len(channels) * store.grid.mask.size)
    left_out = {
        "Not among the generated variables": [name for name in store.channels if name not in channels],
        "Not in the reference": [name for name in found.names if name not in (*channels, *_OF_GRID)],
    }
    notes = tuple(f"{why}, so not scored: {', '.join(names)}." for why, names in left_out.items() if names)
    return IceCover(_copied(found, channels, store.grid.mask, most, folder), store.grid, channels), notes


def _copied(states: ToScore, channels: Sequence[str], mask: np.ndarray, limit: int, folder: Path | None) -> DiskStates:
    """Return the states, at most ``limit`` evenly spaced, (sample, channel, y, x) float32, land = 0.

    Raises:
        InputError: If there are fewer than two states or a value on an ocean cell is not finite.
    """
    chosen = range(states.count)[:: stride(states.count, limit)]
    require_two(len(chosen))

    def checked() -> Iterator[np.ndarray]:
        for part in batches_of(len(chosen), len(channels), *mask.shape):
            values = states.read(chosen[part], channels)
            for k, name in enumerate(channels):
                if not np.isfinite(values[:, k][:, mask]).all():
                    raise InputError(
                        f"variable '{name}'",
                        found="NaN or infinite values on ocean cells",
                        expected="finite values",
                        remedy="Only land may be NaN.",
                    )
            yield np.where(mask, values, np.float32(0.0))

    return DiskStates.of((len(chosen), len(channels), *mask.shape), checked(), folder)
