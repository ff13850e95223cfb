"""A flow denoiser over a whole domain, tile by tile: every pass is stitched, so tiles agree at every noise level."""

from collections.abc import Iterator
from dataclasses import dataclass

import torch
from torch import Tensor

from halocline.diffusion.flow import FlowDenoiser, Given
from halocline.forecast.tiling import Tiling
from halocline.runtime.device import Compute
from halocline.runtime.ranks import Ranks


@dataclass(frozen=True, eq=False)
class TiledDenoiser:
    """x0_hat of a domain as a ``Denoiser``; what is computed together changes speed and memory, not the answer.

    Source: Finn et al. 2025, arXiv 2508.14984 (stitching at every pass).

    Attributes:
        denoiser: Works on tiles.
        given: Of the whole domain (member, ...).
        tiling: The tiles.
        batch: Tiles computed together, over members too.
        compute: Device and precision.
        ranks: Processes that share the tiles.
    """

    denoiser: FlowDenoiser
    given: Given
    tiling: Tiling
    batch: int
    compute: Compute
    ranks: Ranks

    def __call__(self, x_t: Tensor, t: Tensor, condition: Tensor | None = None) -> Tensor:
        """See Denoiser."""
        members, tiles = len(x_t), len(self.tiling.corners)
        padded = self.tiling.pad(x_t)
        fields, mask = self.tiling.pad(self.given.fields), self.tiling.pad(self.given.mask)
        order = [tile for group in self.tiling.alike for tile in group]
        mine = self.ranks.share(members * tiles)
        parts = []
        for first, last in self._batches(mine, members):
            work = [(order[k // members], k % members) for k in range(first, last)]

            def cut(field: Tensor, work: list[tuple[int, int]] = work) -> Tensor:
                return torch.stack([self.tiling.cut(field[member], tile) for tile, member in work])

            of = torch.tensor([member for _, member in work], device=t.device)
            given = Given(cut(fields), cut(mask), self.given.labels[of])
            with self.compute.autocast():
                parts.append(self.denoiser(cut(padded), t[of], given))
        empty = x_t.new_zeros((0, x_t.shape[1], self.tiling.side, self.tiling.side))
        done = self.ranks.gather(torch.cat([empty, *parts]), members * tiles)
        place = torch.tensor(order, device=done.device).argsort()
        by_member = done.unflatten(0, (tiles, members))[place].transpose(0, 1).flatten(0, 1)
        return self.tiling.stitch(by_member, members) * self.given.mask

    def _batches(self, mine: range, members: int) -> Iterator[tuple[int, int]]:
        """Yield first and last (exclusive) of what is computed together: never across tiles with other land."""
        end = 0
        for group in self.tiling.alike:
            begin, end = end, end + len(group) * members
            for first in range(max(begin, mine.start), min(end, mine.stop), self.batch):
                yield first, min(first + self.batch, end, mine.stop)
