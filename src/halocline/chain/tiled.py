"""A denoiser over a whole domain, tile by tile: every pass is stitched, so tiles agree at every noise level."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from halocline.chain.tiling import Tiling
from halocline.data.fields.symmetries import Symmetry
from halocline.diffusion.denoiser import NetworkDenoiser
from halocline.diffusion.given import Given
from halocline.runtime.device import Compute
from halocline.runtime.ranks import Ranks

Vectors = Sequence[tuple[int, int]]


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


def turned(fields: Tensor, symmetry: Symmetry, vectors: Vectors = ()) -> Tensor:
    """Return fields as a symmetry shows them: ``Symmetry.fields`` for tensors, on any device.

    Args:
        fields: (channel, y, x), square.
        symmetry: Which one; its inverse undoes it.
        vectors: Channels that are (x component, y component) of a vector.

    Returns:
        (channel, y, x); the input itself if nothing is turned, else a copy.
    """
    if symmetry == Symmetry():
        return fields
    out = fields.transpose(-1, -2) if symmetry.transpose else fields
    out = torch.flip(out, [axis for axis, reverse in ((-1, symmetry.flip_x), (-2, symmetry.flip_y)) if reverse])
    for u, v in vectors:  # on a copy: torch.flip makes one, also of no axis
        if symmetry.transpose:
            out[[u, v]] = out[[v, u]]
        if symmetry.flip_x:
            out[u] *= -1
        if symmetry.flip_y:
            out[v] *= -1
    return out
