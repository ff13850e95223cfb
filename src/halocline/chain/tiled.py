"""A denoiser over a whole domain, tile by tile: every pass is stitched, so tiles agree at every noise level."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from halocline.chain.forecast.symmetry_ensemble import Vectors, turned
from halocline.chain.tiling import Tiling
from halocline.data.fields.symmetries import Symmetry
from halocline.diffusion.denoiser import NetworkDenoiser
from halocline.diffusion.given import Given
from halocline.runtime.device import Compute
from halocline.runtime.ranks import Ranks


@dataclass(frozen=True, eq=False)
class TiledDenoiser:
    """x0_hat of a domain as a ``Denoiser``; what is computed together changes speed and memory, not the answer.

    Source: Finn et al. 2025, arXiv 2508.14984 (stitching at every pass).

    Attributes:
        denoiser: Works on tiles.
        given: Of the whole domain (member, ...), on the grid as it is; its labels are of each member's view.
        tiling: The tiles.
        batch: Tiles computed together, over members too.
        compute: Device and precision.
        ranks: Processes that share the tiles.
        views: The symmetry in which the network sees each member's tiles.
        vectors: Channels that are (x component, y component) of a vector: of what is given, and of x_t.
    """

    denoiser: NetworkDenoiser
    given: Given
    tiling: Tiling
    batch: int
    compute: Compute
    ranks: Ranks
    views: Sequence[Symmetry]
    vectors: tuple[Vectors, Vectors]

    def __call__(self, x_t: Tensor, t: Tensor) -> Tensor:
        """Return x0_hat (member, channel, y, x) of the domain."""
        members, tiling, (given_vectors, vectors) = len(x_t), self.tiling, self.vectors
        order = [tile for group in tiling.alike for tile in group]
        total = torch.zeros_like(x_t)
        for first, last in self._batches(self.ranks.share(members * len(order)), members):
            work = [(order[k // members], k % members) for k in range(first, last)]

            def cut(field: Tensor, pairs: Vectors = (), work: list[tuple[int, int]] = work) -> Tensor:
                return torch.stack([turned(tiling.cut(field[m], tile), self.views[m], pairs) for tile, m in work])

            of = torch.tensor([member for _, member in work], device=t.device)
            fields, mask, vector = self.given
            given = Given(
                None if fields is None else cut(fields, given_vectors),
                None if mask is None else cut(mask),
                None if vector is None else vector[of],
            )
            with self.compute.autocast():
                done = self.denoiser(cut(x_t, vectors), t[of], given)
            for (tile, member), values in zip(work, done, strict=True):
                tiling.add(total[member], tile, turned(values, self.views[member].inverse, vectors))
        mixed = tiling.mixed(self.ranks.total(total))
        return mixed if self.given.mask is None else mixed * self.given.mask

    def _batches(self, mine: range, members: int) -> Iterator[tuple[int, int]]:
        """Yield first and last (exclusive) of what is computed together: never across tiles with other land."""
        end = 0
        for group in self.tiling.alike:
            begin, end = end, end + len(group) * members
            for first in range(max(begin, mine.start), min(end, mine.stop), self.batch):
                yield first, min(first + self.batch, end, mine.stop)
