"""Contents of ocean states, given or drawn, imposed exactly: level means, basin means, sea-surface height."""

from dataclasses import dataclass
from typing import Literal

import numpy as np

from halocline.runtime.errors import ConfigError, did_you_mean
from halocline.states.ocean_layout import OceanLayout

Kind = Literal["level-means", "basin"]
KINDS: tuple[Kind, ...] = ("level-means", "basin")


def content_weights(layout: OceanLayout, kind: Kind) -> np.ndarray:
    """Return the weights (content, channel, y, x) of the contents as means over wet cells; each sums to 1.

    Level means are weighted by the volume of the level's cells, basin means by all cells' volumes, the sea-surface
    height by area. "level-means" has one content a wet channel, "basin" two (basin temperature and salinity, that is
    heat and salt over the basin's volume); one more for the sea-surface height.

    Raises:
        ConfigError: If there is no such kind.
        InputError: If the area is unknown.
    """
    if kind not in KINDS:
        raise ConfigError(
            "contents", found=f"'{kind}'", expected="a kind of contents", remedy=did_you_mean(kind, KINDS)
        )
    grid, n = layout.grid, layout.grid.levels
    volume = grid.volume
    groups = [[k] for k in range(n) if grid.mask[k].any()] if kind == "level-means" else [list(range(n))]
    rows = []
    for offset in (0, n):
        for group in groups:
            row = np.zeros((layout.channels, *grid.mask.shape[1:]))
            for k in group:
                row[offset + k] = volume[k]
            rows.append(row)
    if layout.with_zos:
        row = np.zeros((layout.channels, *grid.mask.shape[1:]))
        row[-1] = np.where(grid.mask[0], grid.known_area(), 0.0)
        rows.append(row)
    weights = np.stack(rows)
    return np.asarray(weights / weights.sum(axis=(1, 2, 3), keepdims=True))


def contents(states: np.ndarray, layout: OceanLayout, kind: Kind) -> np.ndarray:
    """Return the contents of states (member, content): degC, psu and m."""
    flat = np.nan_to_num(states.reshape(len(states), -1)).astype(np.float64)
    weights = content_weights(layout, kind)
    return np.asarray(flat @ weights.reshape(len(weights), -1).T)


@dataclass(frozen=True)
class Contents:
    """Contents have given values: x <- x + (c* - c(x)) on the wet cells that make each content up.

    A closed-form projection onto a linear set: the smallest change in the volume-weighted norm. Unlike a pull of level
    means to their average, the spread between members is that of the targets.

    Attributes:
        layout: The channels of the states.
        target: c* (member, content), or (1, content) for all members; degC, psu, m.
        kind: What the contents are; see content_weights.
        tolerance: Largest difference that counts as equal (float32 states: rounding of the mean).
    """

    layout: OceanLayout
    target: np.ndarray
    kind: Kind = "level-means"
    tolerance: float = 1e-5
    name: str = "contents"

    def __post_init__(self) -> None:
        wanted = len(content_weights(self.layout, self.kind))
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
        support = (content_weights(self.layout, self.kind) > 0).astype(np.float64)
        shift = np.tensordot(off, support, axes=1)
        return np.asarray((states.astype(np.float64) + shift).astype(states.dtype))
