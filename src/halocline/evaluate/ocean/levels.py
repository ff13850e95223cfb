"""Level means of ocean states, and the names and weights of the levels they belong to."""

from dataclasses import dataclass

import numpy as np

from halocline.constraints.level_means import means_of
from halocline.data.grids.grid_layout import GridLayout

_CHUNK = 64


@dataclass(frozen=True, eq=False)
class Levels:
    """The wet levels of a layout: one number a level for thetao and so each, one for zos.

    Attributes:
        variables: Variable of each number (number,).
        channels: Channel of each number (number,).
        names: Level and depth of each number, empty for zos (number,).
        depth: Volume-weighted mean depth of each level (level,), m.
        volume: Volume of each level (level,), m3.
    """

    variables: tuple[str, ...]
    channels: np.ndarray
    names: tuple[str, ...]
    depth: np.ndarray
    volume: np.ndarray

    @classmethod
    def of(cls, layout: GridLayout) -> "Levels":
        """Return the levels of a layout that have a wet cell."""
        grid = layout.grid
        wet = np.flatnonzero(grid.wet.any(axis=(1, 2)))
        volume = grid.volume[wet].sum(axis=(1, 2))
        depth = (grid.depth * grid.volume)[wet].sum(axis=(1, 2)) / volume
        names = tuple(f"level {k:02d} ({round(d)} m)" for k, d in zip(wet, depth, strict=True))
        parts = [(name, layout.fields.numbers(name)[wet], names) for name in ("thetao", "so")]
        if "zos" in layout.fields:
            parts.append(("zos", layout.fields.numbers("zos"), ("",)))
        return cls(
            variables=tuple(variable for variable, channels, _ in parts for _ in channels),
            channels=np.concatenate([channels for _, channels, _ in parts]),
            names=tuple(name for _, _, of_level in parts for name in of_level),
            depth=depth,
            volume=volume,
        )

    def of_variable(self, name: str) -> np.ndarray:
        """Return the places of a variable's numbers (k,)."""
        return np.flatnonzero(np.array(self.variables) == name)

    @property
    def present(self) -> tuple[str, ...]:
        """The variables, each once."""
        return tuple(dict.fromkeys(self.variables))


def level_means(states: np.ndarray, layout: GridLayout) -> np.ndarray:
    """Return volume-weighted means over each wet level of thetao (degC) and so (psu), and the mean zos (m).

    Args:
        states: (sample, channel, y, x), dry cells 0 or NaN.
        layout: Channels and cells.

    Returns:
        (sample, number), in the order of ``Levels``.
    """
    parts = [means_of(states[k : k + _CHUNK], layout, "level-means") for k in range(0, len(states), _CHUNK)]
    return np.concatenate(parts)
