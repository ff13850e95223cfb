"""A flow denoiser over a whole domain, tile by tile: every pass is stitched, so tiles agree at every noise level."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from halocline.diffusion.flow import FlowDenoiser, Given
from halocline.forecast.tiling import Tiling
from halocline.forecast.views import View
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
        views: For each member, how its tiles are turned for the network: (what is given, x_t).
    """

    denoiser: FlowDenoiser
    given: Given
    tiling: Tiling
    batch: int
    compute: Compute
    ranks: Ranks
    views: Sequence[tuple[View, View]]

    def __call__(self, x_t: Tensor, t: Tensor, condition: Tensor | None = None) -> Tensor:
        """See Denoiser."""
        tiling, total = self.tiling, torch.zeros_like(x_t)
        for work in self._batches(len(x_t)):
            given_view, view = self.views[work[0][1]]

            def cut(field: Tensor, turn: View, work: list[tuple[int, int]] = work) -> Tensor:
                return turn(torch.stack([tiling.cut(field[member], tile) for tile, member in work]))

            of = torch.tensor([member for _, member in work], device=t.device)
            given = Given(
                cut(self.given.fields, given_view), cut(self.given.mask, View(view.symmetry)), self.given.labels[of]
            )
            with self.compute.autocast():
                done = view.back(self.denoiser(cut(x_t, view), t[of], given))
            for (tile, member), values in zip(work, done, strict=True):
                tiling.add(total[member], tile, values)
        return tiling.mixed(self.ranks.total(total)) * self.given.mask

    def _batches(self, members: int) -> Iterator[list[tuple[int, int]]]:
        """Yield the (tile, member) that are computed together: all with the same land, seen in the same way."""
        seen: dict[View, list[int]] = {}
        for member in range(members):
            seen.setdefault(self.views[member][1], []).append(member)
        alike = [[(tile, m) for tile in group for m in same] for group in self.tiling.alike for same in seen.values()]
        mine, end = self.ranks.share(sum(map(len, alike))), 0
        for work in alike:
            begin, end = end, end + len(work)
            for first in range(max(begin, mine.start), min(end, mine.stop), self.batch):
                last = min(first + self.batch, end, mine.stop)
                yield work[first - begin : last - begin]
