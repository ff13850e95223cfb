"""A domain of any size as overlapping tiles, and back."""

from dataclasses import dataclass
from functools import cached_property

import torch
from torch import Tensor

from halocline.runtime.errors import ConfigError


@dataclass(frozen=True, eq=False)
class Tiling:
    """Square tiles of ``inner`` cells a side with ``overlap`` more on each side; around the domain lies land.

    Along a periodic axis tiles reach over the end to the other side instead.

    Each cell of the domain is in the inner part of exactly one tile. With ``blend`` = 0 it is taken from there; else
    neighbours are mixed over ``blend`` cells on both sides of the border, with weights that fall linearly and add to 1.
    Tiles without an ocean cell in their inner part are left out.

    Attributes:
        mask: Ocean of the domain (y, x), boolean.
        inner: Cells a side.
        overlap: Cells around.
        blend: At most ``overlap``.
        periodic: Axes along which the domain closes, out of ``y`` and ``x``, each a multiple of ``inner`` long.
    """

    mask: Tensor
    inner: int
    overlap: int
    blend: int = 0
    periodic: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for axis, n in zip(("y", "x"), self.mask.shape, strict=True):
            if axis in self.periodic and n % self.inner:
                raise ConfigError(
                    f"tiles of {self.inner} cells a side",
                    found=f"a domain of {n} cells that closes along {axis}",
                    expected=f"a side that divides {n}",
                    remedy="Choose another size of the tiles, or a single tile for the whole domain.",
                )

    @property
    def side(self) -> int:
        """Cells of a whole tile."""
        return self.inner + 2 * self.overlap

    @cached_property
    def corners(self) -> list[tuple[int, int]]:
        """First row and column of the inner part of each tile."""
        n = self.inner
        rows, columns = (range(0, size, n) for size in self.mask.shape)
        return [(y, x) for y in rows for x in columns if bool(self.mask[y : y + n, x : x + n].any())]

    @cached_property
    def alike(self) -> list[list[int]]:
        """Return the tiles in groups that have the same ocean cells; computed together, they all leave out its land."""
        ocean = self.mask.to(torch.uint8)
        groups: dict[bytes, list[int]] = {}
        for tile in range(len(self.corners)):
            groups.setdefault(self.cut(ocean, tile).cpu().numpy().tobytes(), []).append(tile)
        return list(groups.values())

    def cut(self, field: Tensor, tile: int) -> Tensor:
        """Return one tile (..., side, side) of a field (..., y, x); 0 beyond a domain that does not close."""
        rows, columns, beyond = self._window(tile)
        return torch.nn.functional.pad(field[..., rows, :][..., columns], beyond)

    def add(self, out: Tensor, tile: int, values: Tensor) -> None:
        """Add a tile (..., side, side) to a field (..., y, x) with the weights of mixing; see ``mixed``."""
        rows, columns, (left, right, top, bottom) = self._window(tile)
        weighted = values * self._weight.to(values)
        part = weighted[..., top : self.side - bottom, left : self.side - right]
        if not self.periodic:
            out[..., rows, columns] += part
            return
        ny, nx = self.mask.shape
        y, x = (torch.arange(n, device=out.device)[where] for n, where in ((ny, rows), (nx, columns)))
        wide = torch.zeros(*part.shape[:-1], nx).to(part).index_add_(-1, x, part)
        out.index_add_(-2, y, wide)

    def mixed(self, total: Tensor) -> Tensor:
        """Return the field of which ``total`` has all tiles added up."""
        return total / self._total.to(total)

    def _window(self, tile: int) -> tuple[slice | Tensor, slice | Tensor, tuple[int, int, int, int]]:
        """Return a tile's rows and columns on the domain, and how far it reaches beyond: left, right, top, bottom."""
        ends: list[tuple[slice | Tensor, int, int]] = []
        for axis, first, n in zip(("y", "x"), self.corners[tile], self.mask.shape, strict=True):
            before, after = first - self.overlap, first + self.inner + self.overlap
            if axis in self.periodic:
                ends.append((torch.arange(before, after) % n, 0, 0))
            else:
                ends.append((slice(max(before, 0), min(after, n)), max(-before, 0), max(after - n, 0)))
        (rows, top, bottom), (columns, left, right) = ends
        return rows, columns, (left, right, top, bottom)

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
        total, ones = torch.zeros(self.mask.shape), torch.ones(self.side, self.side)
        for tile in range(len(self.corners)):
            self.add(total, tile, ones)
        return torch.where(total > 0, total, 1.0)
