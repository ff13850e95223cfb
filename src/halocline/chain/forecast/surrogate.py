"""A trained surrogate as a stepper: noise and the last state to the next state."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any, Literal

import numpy as np
import torch
from torch import Tensor

from halocline.chain.chain import Chain
from halocline.chain.forecast.noise import step_noise
from halocline.chain.forecast.request import Forecaster
from halocline.chain.forecast.stepper import StepContext
from halocline.chain.forecast.symmetry_ensemble import Views, step_views, views_named
from halocline.chain.placed import Draw
from halocline.chain.tiled import TiledDenoiser
from halocline.chain.tiling import Tiling
from halocline.data.codecs.residual import ResidualCodec, place_channels
from halocline.data.fields.degree_days import DegreeDays
from halocline.data.fields.symmetries import Symmetry, vector_pairs
from halocline.data.grids.grid import Grid
from halocline.data.grids.grid_layout import wet_of
from halocline.diffusion.denoiser import Denoiser, NetworkDenoiser
from halocline.diffusion.given import Given
from halocline.diffusion.wrappers import CensoredMean, Clamped
from halocline.runtime import keyed
from halocline.runtime.errors import ConfigError
from halocline.runtime.limits import check_numbers
from halocline.runtime.noise.device import NoiseKind, member_noise, noise_kind
from halocline.runtime.ranks import Ranks

Bounding = Literal["clamp", "censored-mean", "none"]
_COPIES = 8  # of a domain that a solver holds: x, its estimate, two slopes, bounds, noise, stitching
_SAFETY = 1.5


@dataclass(frozen=True, eq=False)
class Surrogate(Forecaster):
    """x_{t+dt} = clip(x_t + std r), r drawn by the chain given x_t and the weather; one pass for regression and CRPS.

    Noise is one field over the whole domain for each (seed, store member, hour, member): tiles agree, a run may be
    cut anywhere, and a member is the same whoever else is computed.

    Source: Finn et al. 2025, arXiv 2508.14984.

    Attributes:
        chain: Path, solver, steps and the constraints on states after a step; its codec is bound anew at each step.
        denoiser: Estimates r.
        residual: Residual space.
        inner: Cells a side of a tile.
        overlap: Cells around it.
        blend: Cells over which tiles are mixed.
        bounding: What happens to estimates beyond a bound.
        noisy: False for a deterministic model, which starts from zeros.
        noise_hours: How long noise remembers, see noise.step_noise.
        views: In which symmetry members are stepped, see symmetry_ensemble.step_views.
        symmetric: Whether training saw all eight symmetries.
        one_pass: Whether the network was trained for one pass only: solver and steps are then fixed.
        card: The model's card.
        trained_grid: The grid of its training data, where the folder holds it.
        noise: Where noise comes from: ``keyed``, or ``philox``, made on the device (runtime/noise).
    """

    chain: Chain
    denoiser: NetworkDenoiser
    residual: ResidualCodec
    inner: int
    overlap: int
    blend: int
    bounding: Bounding
    noisy: bool
    noise_hours: float
    views: Views
    symmetric: bool
    one_pass: bool
    card: dict[str, Any]
    trained_grid: Grid | None = None
    noise: NoiseKind = "keyed"

    @property
    def channels(self) -> tuple[str, ...]:
        """Names of the state's variables."""
        return self.residual.channels

    @property
    def forcing(self) -> tuple[str, ...]:
        """Names of the forcing that it needs, in order."""
        return self.residual.forcing

    @property
    def degree_days(self) -> DegreeDays:
        """Melting and freezing that it needs."""
        return self.residual.degree_days

    @property
    def step_hours(self) -> int:
        """Length of a step."""
        return self.residual.step_hours

    @property
    def provenance(self) -> dict[str, str]:
        """How steps are drawn, for the forecast's provenance."""
        views = {"views": self.views} if self.views != "one" else {}
        chain = {"solver": self.chain.solver, "passes": str(self.chain.passes)}
        noise = {"noise": self.noise} if self.noise != "keyed" else {}
        return {**chain, "noise_hours": f"{self.noise_hours:g}", **views, **noise}

    @property
    def device(self) -> torch.device:
        """Where it computes."""
        return self.chain.compute.device

    def fitting(self, names: tuple[str, ...]) -> "Surrogate":
        """Return the surrogate itself: it steps the variables it was trained on."""
        return self

    def trained_strength(self, name: str) -> float | None:
        """Return the root mean square of a forcing variable in the training years, in its unit."""
        return float(np.hypot(self.residual.mean[name], self.residual.std[name]))

    def with_options(
        self,
        *,
        solver: str | None = None,
        steps: int | None = None,
        noise_hours: float | None = None,
        views: str | None = None,
        noise: str | None = None,
    ) -> "Surrogate":
        """Return the same surrogate stepped in another way; None keeps what its recipe says.

        Args:
            solver: Name of the solver; one-pass models have none to choose.
            steps: Solver steps; likewise.
            noise_hours: Memory of the noise, hours.
            views: In which symmetry members are stepped: one, member or step.
            noise: ``keyed`` or ``philox``.

        Raises:
            ConfigError: If there are no such views, solver or noise, or training has not seen the views.
        """
        check_numbers({"steps": steps, "noise_hours": noise_hours})
        changed = self
        if not self.one_pass:
            name = self.chain.solver if solver is None else FLOW_SOLVERS.get(solver, solver)
            chain = replace(self.chain, solver=name, steps=self.chain.steps if steps is None else steps)
            assert chain.passes
            changed = replace(changed, chain=chain)
        if noise is not None:
            changed = replace(changed, noise=noise_kind(noise))
        if noise_hours is not None:
            changed = replace(changed, noise_hours=noise_hours)
        if views is not None:
            if views_named(views) != "one" and not self.symmetric:
                raise ConfigError(
                    f"views '{views}' of model {self.card.get('name', '')}",
                    found="patches.augment = false, one view in training",
                    expected="views that it was trained in",
                    remedy="Take --views one.",
                )
            changed = replace(changed, views=views_named(views))
        return changed

    def working_bytes(self, grid: Grid) -> tuple[int, int, int]:
        """Return memory in bytes, on the safe side: of the network, for each member on a grid, for each tile."""
        side, network = self.inner + 2 * self.overlap, self.denoiser.network
        own = sum(p.numel() * p.element_size() for p in self.denoiser.parameters())
        fields = _COPIES * len(self.channels) + 2 * len(self.residual.given)
        per_member = 4 * fields * grid.shape[0] * grid.shape[1]
        per_tile = 4 * 4 * (len(self.channels) + len(self.residual.given)) * side**2
        activations = network.activation_bytes(side, side)  # type: ignore[operator]
        return own, int(_SAFETY * per_member), int(_SAFETY * (per_tile + activations))

    @torch.no_grad()
    def advance(self, states: np.ndarray, context: StepContext, grid: Grid, batch: int, ranks: Ranks) -> np.ndarray:
        """Return the states (member, channel, y, x) one step later, physical units, land 0; see Stepper."""
        compute, draw = self.chain.compute, Draw(context.members, context.seed, self.chain.steps)
        views = step_views(context, self.views)
        wet = wet_of(self.channels, grid)
        given = self._given(states, context, grid, views)
        tiling = _tiling(grid, self.inner, self.overlap, self.blend)
        vectors = vector_pairs(self.residual.given), vector_pairs(self.channels)
        tiled = TiledDenoiser(self.denoiser, given, tiling, batch, compute, ranks, views, vectors)
        noise = self._noise(context, states.shape[1:]) * self.denoiser.counts(given)
        chain = replace(self.chain, codec=self.residual.at(states, wet))
        following = chain.draw(self._bounded(tiled, states, given.vector), lambda step: noise, draw)
        for constraint in (c.make(draw) for c in chain.constraints if c.at_end):
            following = constraint.project(following)  # type: ignore[union-attr]
        return np.where(wet, following, np.float32(0.0))

    def _bounded(self, denoiser: Denoiser, states: np.ndarray, vector: Tensor | None) -> Denoiser:
        if self.bounding == "none":
            return denoiser
        lower, upper = (torch.from_numpy(b).to(self.chain.compute.device) for b in self.residual.bounds(states))
        if self.bounding == "clamp":
            return Clamped(denoiser, lower, upper)
        return CensoredMean(denoiser, lower, upper, lambda t: self.denoiser.log_scale(t, vector).exp())

    def _noise(self, context: StepContext, shape: tuple[int, ...]) -> Tensor:
        device = self.chain.compute.device
        if not self.noisy:
            return torch.zeros((len(context.members), *shape), device=device)
        if self.noise == "keyed":
            return torch.from_numpy(step_noise(context, shape, self.step_hours, self.noise_hours)).to(device)

        def fields(seed: int, members: Sequence[int], shape: Sequence[int], *key: keyed.Key) -> Tensor:
            return member_noise(self.noise, seed, members, shape, device, *key)

        return step_noise(context, shape, self.step_hours, self.noise_hours, fields)

    def _given(self, states: np.ndarray, context: StepContext, grid: Grid, views: Sequence[Symmetry]) -> Given:
        place = place_channels(grid.x, grid.y) if self.residual.place else np.zeros((0, *grid.shape), np.float32)
        weather = np.concatenate([context.now, context.later, context.degree_days, place]).astype(np.float32)
        physical = np.concatenate([states, np.broadcast_to(weather, (len(states), *weather.shape))], axis=1)
        labels = np.stack([self.residual.labels(grid.spacing, s, context.hour, context.calendar) for s in views])
        wet = wet_of(self.channels, grid)
        others = np.broadcast_to(grid.mask, (physical.shape[1] - len(wet), *grid.shape))
        fields = torch.from_numpy(self.residual.fields(physical, np.concatenate([wet, others])))
        counts = wet if (wet != grid.mask).any() else grid.mask[None]
        mask = torch.from_numpy(counts[None].astype(np.float32)).expand(len(states), -1, -1, -1)
        return Given(fields, mask, torch.from_numpy(labels)).to(self.chain.compute.device)


FLOW_SOLVERS = {"euler": "ddim", "heun": "heun-t"}
"""Former names of solvers on the straight path; ``heun`` in the noise-to-signal ratio cannot begin at pure noise."""


@lru_cache(maxsize=2)
def _tiling(grid: Grid, inner: int, overlap: int, blend: int) -> Tiling:
    return Tiling(torch.from_numpy(grid.mask), inner, overlap, blend, grid.topology.periodic)
