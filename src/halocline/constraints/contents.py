"""Contents of ocean states, given or drawn, imposed exactly: level means, basin means, sea-surface height."""

from dataclasses import dataclass
from typing import Literal

import numpy as np

from halocline.data.grids.grid_layout import GridLayout
from halocline.physics.means import plane_sums
from halocline.runtime.errors import ConfigError, did_you_mean

Kind = Literal["level-means", "basin"]
KINDS: tuple[Kind, ...] = ("level-means", "basin")


def _groups(layout: GridLayout, kind: Kind) -> tuple[np.ndarray, np.ndarray]:
    """Return cell weights (channel, y, x) and which channels make up each content (content, channel), 0 or 1."""
    if kind not in KINDS:
        raise ConfigError(
            "contents", found=f"'{kind}'", expected="a kind of contents", remedy=did_you_mean(kind, KINDS)
        )
    grid, fields = layout.grid, layout.fields
    cells = np.zeros((len(fields), *grid.shape))
    levels = [slice(k, k + 1) for k in range(grid.levels) if grid.wet[k].any()]
    groups: list[np.ndarray] = []
    for name in ("thetao", "so"):
        cells[fields[name]] = grid.volume
        groups += [fields.numbers(name)[group] for group in (levels if kind == "level-means" else [slice(None)])]
    if "zos" in fields:
        cells[fields["zos"]] = np.where(grid.mask, grid.known_area(), 0.0)
        groups.append(fields.numbers("zos"))
    belongs = np.zeros((len(groups), len(fields)))
    for row, group in zip(belongs, groups, strict=True):
        row[group] = 1.0
    return cells, belongs


def content_weights(layout: GridLayout, kind: Kind) -> np.ndarray:
    """Return the weights (content, channel, y, x) of the contents as means over wet cells; each sums to 1."""
    cells, belongs = _groups(layout, kind)
    weights = belongs[:, :, None, None] * cells
    return np.asarray(weights / weights.sum(axis=(1, 2, 3), keepdims=True))


def contents(states: np.ndarray, layout: GridLayout, kind: Kind) -> np.ndarray:
    """Return the contents of states (member, content), means over wet cells: degC, psu and m.

    Level means are weighted by the volume of the level's cells, basin means by all cells' volumes, the sea-surface
    height by area. "level-means" has one content a wet level of temperature and of salinity, "basin" two (basin
    temperature and salinity, that is heat and salt over the basin's volume); one more for the sea-surface height.
    Other fields have none.

    Raises:
        ConfigError: If there is no such kind.
        InputError: If the area is unknown.
    """
    cells, belongs = _groups(layout, kind)
    sums = np.stack([plane_sums(state, cells) for state in states])
    return np.asarray((sums @ belongs.T) / (belongs @ cells.sum(axis=(1, 2))))


@dataclass(frozen=True)
class Contents:
    """Contents have given values: x <- x + (c* - c(x)) on the wet cells that make each content up.

    A closed-form projection onto a linear set: the smallest change in the volume-weighted norm. Unlike a pull of level
    means to their average, the spread between members is that of the targets.

    Attributes:
        layout: The channels of the states.
        target: c* (member, content), or (1, content) for all members; degC, psu, m.
        kind: What the contents are; see contents().
        tolerance: Largest difference that counts as equal (float32 states: rounding of the mean).
    """

    layout: GridLayout
    target: np.ndarray
    kind: Kind = "level-means"
    tolerance: float = 1e-5
    name: str = "contents"

    def __post_init__(self) -> None:
        wanted = len(_groups(self.layout, self.kind)[1])
        if self.target.ndim != 2 or self.target.shape[1] != wanted or not np.isfinite(self.target).all():
            raise ConfigError(
                "target of the contents constraint",
                found=f"shape {self.target.shape}",
                expected=f"finite numbers (member, {wanted}) for '{self.kind}'",
                remedy="Compute it with halocline.constraints.contents.contents on states of the same grid.",
            )

    def residual(self, states: np.ndarray) -> np.ndarray:
        """Return the largest difference of a content from its target (member,); degC, psu or m."""
        return np.asarray(np.abs(contents(states, self.layout, self.kind) - self.target).max(axis=1))

    def project(self, states: np.ndarray) -> np.ndarray:
        """Return states whose contents are the targets; members that have them are unchanged."""
        off = self.target - contents(states, self.layout, self.kind)
        off = np.where((np.abs(off).max(axis=1) > self.tolerance)[:, None], off, 0.0)
        cells, belongs = _groups(self.layout, self.kind)
        shift = np.where(cells > 0, (off @ belongs)[:, :, None, None], 0.0)
        return np.asarray((states.astype(np.float64) + shift).astype(states.dtype))
