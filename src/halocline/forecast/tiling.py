"""A domain of any size as overlapping tiles, and back."""

from dataclasses import dataclass
from functools import cached_property

import torch
from torch import Tensor


@dataclass(frozen=True, eq=False)
class Tiling:
    """Square tiles of ``inner`` cells a side with ``overlap`` more on each side; around the domain lies land.

    Each cell of the domain is in the inner part of exactly one tile. With ``blend`` = 0 it is taken from there; else
    neighbours are mixed over ``blend`` cells on both sides of the border, with weights that fall linearly and add to 1.
    Tiles without an ocean cell in their inner part are left out.

    Attributes:
        mask: Ocean of the domain (y, x), boolean.
        inner: Cells a side.
        overlap: Cells around.
        blend: At most ``overlap``.
    """

    mask: Tensor
    inner: int
    overlap: int
    blend: int = 0

    @property
    def side(self) -> int:
        """Cells of a whole tile."""
        return self.inner + 2 * self.overlap

    @cached_property
    def corners(self) -> list[tuple[int, int]]:
        """First row and column of each tile on the padded domain."""
        ny, nx = self.mask.shape
        wet = (
            (y, x)
            for y in range(0, ny, self.inner)
            for x in range(0, nx, self.inner)
            if bool(self.mask[y : y + self.inner, x : x + self.inner].any())
        )
        return list(wet)

    @cached_property
    def alike(self) -> list[list[int]]:
        """Return the tiles in groups that have the same ocean cells; computed together, they all leave out its land."""
        padded = self.pad(self.mask.to(torch.uint8))
        groups: dict[bytes, list[int]] = {}
        for tile in range(len(self.corners)):
            groups.setdefault(self.cut(padded, tile).cpu().numpy().tobytes(), []).append(tile)
        return list(groups.values())

    def pad(self, fields: Tensor) -> Tensor:
        """Return (..., y, x) with zeros around it, so that every tile fits."""
        after = [-n % self.inner + self.overlap for n in reversed(self.mask.shape)]
        return torch.nn.functional.pad(fields, (self.overlap, after[0], self.overlap, after[1]))

    def cut(self, padded: Tensor, tile: int) -> Tensor:
        """Return one tile (..., side, side) of a padded field."""
        y, x = self.corners[tile]
        return padded[..., y : y + self.side, x : x + self.side]

    def stitch(self, tiles: Tensor, members: int) -> Tensor:
        """Return the domain (member, channel, y, x) of tiles (member * tile, channel, side, side), member by member."""
        ny, nx = self.mask.shape
        out = self.pad(tiles.new_zeros((members, tiles.shape[1], ny, nx)))
        weight = self._weight.to(tiles)
        rows = tiles.unflatten(0, (members, len(self.corners)))
        for k, (y, x) in enumerate(self.corners):
            out[..., y : y + self.side, x : x + self.side] += rows[:, k] * weight
        out = out / self._total.to(tiles)
        return out[..., self.overlap : self.overlap + ny, self.overlap : self.overlap + nx]

    @cached_property
    def _weight(self) -> Tensor:
        from_edge = torch.arange(self.side) - self.overlap + 0.5  # cells from the border of the inner part
        from_edge = torch.minimum(from_edge, from_edge.flip(0))
        if self.blend == 0:
            along = (from_edge > 0).float()
        else:
            along = ((from_edge + self.blend) / (2.0 * self.blend)).clamp(0.0, 1.0)
        return along[:, None] * along[None, :]

    @cached_property
    def _total(self) -> Tensor:
        total = self.pad(torch.zeros(self.mask.shape))
        for y, x in self.corners:
            total[y : y + self.side, x : x + self.side] += self._weight
        return torch.where(total > 0, total, 1.0)
