"""What sums up an ice cover: extent, area, volume, marginal ice zone, deformation; worked out once for all scores."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from halocline.data.grids.grid import Grid
from halocline.evaluate.engine.disk_states import States, batches
from halocline.physics import sea_ice
from halocline.physics.deformation import strain_rates
from halocline.physics.quads import quad_mask, quad_mean, quad_spacing

INTEGRALS = {
    "ice_extent": ("ice extent", "m2"),
    "ice_area": ("ice area", "m2"),
    "miz_area": ("marginal ice zone area", "m2"),
    "miz_width": ("marginal ice zone width", "m"),
    "ice_volume": ("ice volume", "m3"),
    "deformation_mean": ("mean total deformation", "s-1"),
}
"""Id of each number that sums up an ice cover: its name in words, and its unit."""


@dataclass(frozen=True, eq=False)
class IceCover:
    """States of an ice cover, and what families of scores and pictures share of them.

    Attributes:
        values: (sample, channel, y, x), physical units, land = 0; in memory or on disk.
        grid: The grid.
        channels: Variables, in order.
    """

    values: States
    grid: Grid
    channels: tuple[str, ...]

    def batches(self) -> "Iterator[IceCover]":
        """Yield the states batch by batch, each in memory; what is in memory is one."""
        if isinstance(self.values, np.ndarray):
            yield self
            return
        for part in batches(self.values):
            yield IceCover(self.values[part], self.grid, self.channels)

    @cached_property
    def integrals(self) -> dict[str, np.ndarray]:
        """Numbers (sample,) by id, see ``INTEGRALS``, for those variables that are there.

        Ice extent, area, volume, area and width of the marginal ice zone, mean total deformation (by area over
        ice-covered quads).
        """
        parts = [part._integrals() for part in self.batches()]
        return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}

    def _integrals(self) -> dict[str, np.ndarray]:
        fields = {name: self.values[:, k] for k, name in enumerate(self.channels)}
        area, mask = self.grid.area, self.grid.mask
        found: dict[str, np.ndarray] = {}
        if "sic" in fields:
            sic = fields["sic"]
            found["ice_extent"] = sea_ice.extent(sic, area, mask)
            found["ice_area"] = sea_ice.ice_area(sic, area, mask)
            found["miz_area"] = sea_ice.miz_area(sic, area, mask)
            found["miz_width"] = sea_ice.miz_width(sic, area, mask)
        if "sit" in fields:
            found["ice_volume"] = sea_ice.volume(fields["sit"], area, mask)
        if self.deforms:
            total, weights = self.deformation
            share = weights.sum(axis=-1)
            found["deformation_mean"] = np.divide(
                (total * weights).sum(axis=-1), share, out=np.zeros_like(share), where=share > 0
            )
        return found

    @property
    def deforms(self) -> bool:
        """Whether deformation can be computed: there are drift and concentration."""
        return {"sic", "siu", "siv"} <= set(self.channels)

    @cached_property
    def deformation(self) -> tuple[np.ndarray, np.ndarray]:
        """Total deformation (sample, quad), s-1, and weights (sample, quad), m2, on quads of ocean cells, in memory.

        The weight is the quad's area, 0 without ice: a quad counts where all four centres have a concentration above
        0.15, as beyond the edge there is no drift.
        """
        wet = quad_mask(self.grid.mask)
        sic, siu, siv = (self.values[:, self.channels.index(name)] for name in ("sic", "siu", "siv"))
        total = strain_rates(siu, siv, quad_spacing(self.grid.area)).total[:, wet]
        ice = quad_mask(sic > sea_ice.ICE_EDGE)[:, wet]
        return total, ice * quad_mean(self.grid.area)[wet]
