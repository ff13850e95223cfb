"""The chain from noise to states: sampler, denoiser, [autoencoder], codec, constraint."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import torch
import xarray as xr
from torch import Tensor

from halocline.constraints.ice_bounds import IceBounds
from halocline.constraints.protocol import apply
from halocline.diffusion.denoiser import NetworkDenoiser
from halocline.diffusion.solvers import Noise, Solver, make_solver
from halocline.generate.dataset import to_dataset
from halocline.generate.latent import LatentSpace
from halocline.runtime import keyed
from halocline.runtime.device import Compute
from halocline.runtime.progress import progress
from halocline.runtime.version import __version__
from halocline.states.codec import Codec
from halocline.states.grid import Grid


@dataclass(frozen=True, eq=False)
class Chain:
    """A trained generator, ready to draw.

    Attributes:
        codec: Network space to physical space.
        denoiser: Clean estimates in data space or latent space.
        latent: The latent space; None in data space.
        constraint: Projects the drawn states.
        grid: Their grid.
        solver: Name of the solver.
        steps: Solver steps.
        compute: Device and precision.
        card: What goes into the provenance: recipe, fingerprints, versions.
    """

    codec: Codec
    denoiser: NetworkDenoiser
    latent: LatentSpace | None
    constraint: IceBounds
    grid: Grid
    solver: str
    steps: int
    compute: Compute
    card: dict[str, Any]

    @property
    def shape(self) -> tuple[int, int, int]:
        """Shape (channel, y, x) of the noise."""
        if self.latent is not None:
            return self.latent.shape
        return len(self.codec.variables), *self.grid.shape

    def with_sampler(self, solver: str | None = None, steps: int | None = None) -> "Chain":
        """Return the same chain with another solver or number of steps."""
        solver = solver or self.solver
        make_solver(solver)
        return replace(self, solver=solver, steps=steps or self.steps)

    @torch.no_grad()
    def draw(self, members: Sequence[int], seed: int) -> np.ndarray:
        """Draw members (member, channel, y, x) in physical units, land NaN, before the constraint.

        The noise of a member depends on (seed, its number, step) only, never on the batch.
        """
        device = self.compute.device

        def noise(step: int) -> Tensor:
            return torch.from_numpy(keyed.member_normal(seed, members, self.shape, "sampler", step)).to(device)

        x0 = self._sample(noise)
        if self.latent is not None:
            x0 = self.latent.decode(x0, self.compute)
        return self.codec.decode(x0.float().cpu().numpy())

    def _sample(self, noise: Noise) -> Tensor:
        solver: Solver = make_solver(self.solver)
        schedule = self.denoiser.schedule
        times = schedule.times(self.steps).to(self.compute.device)
        start = noise(-1) * schedule.sigma(times[0]) * self.denoiser.mask
        with self.compute.autocast():
            masked: Noise = lambda step: noise(step) * self.denoiser.mask  # noqa: E731
            return solver(self.denoiser, schedule, start, times, masked)

    def generate(self, members: int, seed: int, *, first: int = 0, batch: int = 32, quiet: bool = False) -> xr.Dataset:
        """Draw states that obey every bound.

        Args:
            members: How many.
            seed: Seed of the ensemble.
            first: Number of the first member; members 8..15 of a seed continue members 0..7.
            batch: Members a pass; changes speed and memory, not the noise.
            quiet: Show no progress.

        Returns:
            Dataset with dims (member, y, x), CF attributes, grid and provenance; land NaN.
        """
        numbers = list(range(first, first + members))
        parts = []
        with progress("generating", members, quiet=quiet) as report:
            for start in range(0, members, batch):
                parts.append(self.draw(numbers[start : start + batch], seed))
                report(min(members, start + batch), "")
        states, projection = apply(self.constraint, np.concatenate(parts))
        provenance = {
            "halocline_version": __version__,
            "model": self.card.get("name", ""),
            "model_fingerprint": self.card.get("files", {}).get("model.safetensors", "")[:16],
            "data_fingerprint": self.card.get("data_fingerprint", ""),
            "seed": seed,
            "solver": self.solver,
            "steps": self.steps,
            "passes": make_solver(self.solver).passes(self.steps),
            "projection_moved_share": projection.moved_share,
            "projection_residual_before": projection.residual_before,
        }
        return to_dataset(states, self.codec.variables, self.grid, numbers, provenance)
