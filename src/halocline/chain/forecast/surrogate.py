"""A trained surrogate as a stepper: noise and the last state to the next state."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Literal

import numpy as np
import torch
from torch import Tensor

from halocline.chain.forecast.noise import step_noise
from halocline.chain.forecast.stepper import Moment
from halocline.chain.forecast.symmetry_ensemble import Views, step_views
from halocline.chain.tiled import TiledDenoiser
from halocline.chain.tiling import Tiling
from halocline.constraints.ice_bounds import IceBounds
from halocline.data.codecs.residual import ResidualCodec, place_channels
from halocline.data.fields.degree_days import DegreeDays
from halocline.data.fields.symmetries import Symmetry, vector_pairs
from halocline.data.grids.grid import Grid
from halocline.diffusion.bounded import CensoredMean, Clamped
from halocline.diffusion.denoiser import Denoiser
from halocline.diffusion.flow import FlowDenoiser, Given
from halocline.diffusion.linear_path import LinearPath
from halocline.diffusion.solvers.flow import make_flow_solver
from halocline.nn.transformer import Transformer
from halocline.runtime.device import Compute
from halocline.runtime.ranks import Ranks

Bounding = Literal["clamp", "censored-mean", "none"]
_COPIES = 8  # of a domain that a solver holds: x, its estimate, two slopes, bounds, noise, stitching
_SAFETY = 1.5


@dataclass(frozen=True, eq=False)
class Surrogate:
    """x_{t+12h} = clip(x_t + std r), r drawn by the flow given x_t and the weather; one pass for twin and CRPS head.

    Noise is one field over the whole domain for each (seed, store member, hour, member): tiles agree, a run may be
    cut anywhere, and a member is the same whoever else is computed.

    Source: Finn et al. 2025, arXiv 2508.14984.

    Attributes:
        denoiser: Estimates r.
        codec: Residual space.
        inner: Cells a side of a tile.
        overlap: Cells around it.
        blend: Cells over which tiles are mixed.
        solver: Name of the solver.
        steps: Solver steps.
        path: Where along the flow they lie.
        bounding: What happens to estimates beyond a bound.
        noisy: False for the deterministic twin, which starts from zeros.
        noise_hours: How long noise remembers, see noise.step_noise.
        views: In which symmetry members are stepped, see views.step_views.
        consistent: One ice mask for all variables after each step; None for none.
        compute: Device and precision.
        card: The model's card.
    """

    denoiser: FlowDenoiser
    codec: ResidualCodec
    inner: int
    overlap: int
    blend: int
    solver: str
    steps: int
    path: LinearPath
    bounding: Bounding
    noisy: bool
    noise_hours: float
    views: Views
    consistent: IceBounds | None
    compute: Compute
    card: dict[str, Any]

    @property
    def channels(self) -> tuple[str, ...]:
        """See Stepper."""
        return self.codec.channels

    @property
    def forcing(self) -> tuple[str, ...]:
        """See Stepper."""
        return self.codec.forcing

    @property
    def degree_days(self) -> DegreeDays:
        """See Stepper."""
        return self.codec.degree_days

    @property
    def step_hours(self) -> int:
        """See Stepper."""
        return self.codec.step_hours

    @property
    def passes(self) -> int:
        """Network passes of a step."""
        return make_flow_solver(self.solver).passes(self.steps)

    def working_bytes(self, grid: Grid) -> tuple[int, int, int]:
        """See Stepper; an estimate on the safe side."""
        side, network = self.inner + 2 * self.overlap, self.denoiser.network
        assert isinstance(network, Transformer)
        own = sum(p.numel() * p.element_size() for p in self.denoiser.parameters())
        fields = _COPIES * len(self.channels) + 2 * len(self.codec.given)
        per_member = 4 * fields * grid.shape[0] * grid.shape[1]
        per_tile = 4 * 4 * (len(self.channels) + len(self.codec.given)) * side**2
        return own, int(_SAFETY * per_member), int(_SAFETY * (per_tile + network.activation_bytes(side, side)))

    @torch.no_grad()
    def advance(self, states: np.ndarray, moment: Moment, grid: Grid, batch: int, ranks: Ranks) -> np.ndarray:
        """See Stepper."""
        device = self.compute.device
        views = step_views(moment, self.views)
        given = self._given(states, moment, grid, views)
        lower, upper = (torch.from_numpy(b).to(device) for b in self.codec.bounds(states))
        tiling = _tiling(grid, self.inner, self.overlap, self.blend)
        vectors = vector_pairs(self.codec.given), vector_pairs(self.channels)
        tiled = TiledDenoiser(self.denoiser, given, tiling, batch, self.compute, ranks, views, vectors)
        noise = torch.from_numpy(self._noise(moment, states.shape[1:])).to(device) * given.mask
        times = self.path.times(self.steps).to(device)
        bounded = self._bounded(tiled, lower, upper, given.labels)
        residual = make_flow_solver(self.solver)(bounded, self.path, noise, times, lambda step: noise)
        following = self.codec.step(states, residual.float().cpu().numpy(), grid.mask)
        return following if self.consistent is None else self.consistent.project(following)

    def _bounded(self, denoiser: Denoiser, lower: Tensor, upper: Tensor, labels: Tensor) -> Denoiser:
        scale: Callable[[Tensor], Tensor] = lambda t: self.denoiser.log_scale(t, labels).exp()  # noqa: E731
        match self.bounding:
            case "clamp":
                return Clamped(denoiser, lower, upper)
            case "censored-mean":
                return CensoredMean(denoiser, lower, upper, scale)
            case _:
                return denoiser

    def _noise(self, moment: Moment, shape: tuple[int, ...]) -> np.ndarray:
        if not self.noisy:
            return np.zeros((len(moment.members), *shape), np.float32)
        return step_noise(moment, shape, self.step_hours, self.noise_hours)

    def _given(self, states: np.ndarray, moment: Moment, grid: Grid, views: Sequence[Symmetry]) -> Given:
        place = place_channels(grid.x, grid.y) if self.codec.place else np.zeros((0, *grid.shape), np.float32)
        weather = np.concatenate([moment.now, moment.later, moment.degree_days, place]).astype(np.float32)
        physical = np.concatenate([states, np.broadcast_to(weather, (len(states), *weather.shape))], axis=1)
        labels = np.stack([self.codec.labels(grid.spacing, s, moment.hour, moment.calendar) for s in views])
        mask = torch.from_numpy(grid.mask[None, None].astype(np.float32)).expand(len(states), -1, -1, -1)
        fields = torch.from_numpy(self.codec.fields(physical, grid.mask))
        parts = (fields, mask, torch.from_numpy(labels))
        return Given(*(part.to(self.compute.device) for part in parts))


@lru_cache(maxsize=2)
def _tiling(grid: Grid, inner: int, overlap: int, blend: int) -> Tiling:
    return Tiling(torch.from_numpy(grid.mask), inner, overlap, blend)
