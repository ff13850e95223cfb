"""Means of levels or of the basin, given or drawn, imposed exactly: temperature, salinity, sea-surface height."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from halocline.constraints.level_means import Kind, cell_weights, mean_groups, means_of
from halocline.constraints.protocol import Constraint, Needs, Setting
from halocline.constraints.registry import CONSTRAINTS
from halocline.data.grids.grid_layout import GridLayout
from halocline.runtime.errors import ConfigError

if TYPE_CHECKING:
    from torch import Tensor


@CONSTRAINTS.register("contents")
@dataclass(frozen=True)
class LevelMeans(Constraint):
    """Means have given values: x <- x + (c* - c(x)) on the wet cells that make each mean up.

    A closed-form projection onto a linear set: the smallest change in the volume-weighted norm. Unlike a pull of level
    means to their average, the spread between members is that of the targets.

    Attributes:
        layout: The channels of the states.
        target: c* (member, mean), or (1, mean) for all members; degC, psu, m.
        kind: Which means; see ``means_of``.
        tolerance: Largest difference that counts as equal (float32 states: rounding of the mean).
    """

    name: ClassVar[str] = "contents"
    unit: ClassVar[str] = "degC, psu or m"
    needs: ClassVar[Needs] = "ocean"

    layout: GridLayout
    target: np.ndarray
    kind: Kind = "level-means"
    tolerance: float = 1e-5

    def __post_init__(self) -> None:
        wanted = len(mean_groups(self.layout, self.kind))
        if self.target.ndim != 2 or self.target.shape[1] != wanted or not np.isfinite(self.target).all():
            raise ConfigError(
                "target of the contents constraint",
                found=f"shape {self.target.shape}",
                expected=f"finite numbers (member, {wanted}) for '{self.kind}'",
                remedy="Compute it with halocline.constraints.level_means.means_of on states of the same grid.",
            )

    @classmethod
    def of(cls, setting: Setting) -> "LevelMeans":
        """Impose the setting's means."""
        return cls(setting.known_layout(), setting.means(), setting.kind)

    def residual(self, states: np.ndarray) -> np.ndarray:
        """Return the largest difference of a mean from its target (member,); degC, psu or m."""
        return np.asarray(np.abs(means_of(states, self.layout, self.kind) - self.target).max(axis=1))

    def project(self, states: np.ndarray) -> np.ndarray:
        """Return states whose means are the targets; members that have them are unchanged."""
        off = self.target - means_of(states, self.layout, self.kind)
        off = np.where((np.abs(off).max(axis=1) > self.tolerance)[:, None], off, 0.0)
        shifts, out = off @ mean_groups(self.layout, self.kind), states.copy()
        for channel, shift in enumerate(shifts.T):
            there = cell_weights(self.layout, channel) > 0
            out[:, channel] = states[:, channel].astype(np.float64) + np.where(there, shift[:, None, None], 0.0)
        return out

    def project_tensor(self, x: "Tensor") -> "Tensor":
        """Return what ``project`` does to x; gradients flow."""
        import torch

        weights = np.stack([cell_weights(self.layout, k) for k in range(len(self.layout.fields))])
        cells, belongs = (
            torch.from_numpy(part).to(x.device) for part in (weights, mean_groups(self.layout, self.kind))
        )
        sums = (torch.nan_to_num(x.double()) * cells).sum((2, 3))
        off = torch.from_numpy(self.target).to(cells) - (sums @ belongs.T) / (belongs @ cells.sum((1, 2)))
        off = torch.where((off.abs().amax(1) > self.tolerance)[:, None], off, 0.0)
        shift = torch.where(cells > 0, (off @ belongs)[:, :, None, None], 0.0)
        return (x.double() + shift).to(x.dtype)
