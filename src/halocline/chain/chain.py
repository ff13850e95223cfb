"""The chain from noise to states: sampler, denoiser, [autoencoder], codec, constraints."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np
import torch
import xarray as xr
from torch import Tensor

from halocline.chain.dataset import to_dataset
from halocline.chain.latent import LatentSpace
from halocline.chain.placed import ActiveConstraint, ConstrainedDenoiser, Draw
from halocline.constraints.named.paper import PaperPull, RepairedBorder
from halocline.constraints.project_all import ProjectionReport, project_all
from halocline.data.codecs.protocol import StateCodec
from halocline.data.fields.variables import channel_variable
from halocline.data.grids.grid import Grid
from halocline.data.sampling.conditions import Conditions
from halocline.diffusion.denoiser import Denoiser, NetworkDenoiser
from halocline.diffusion.solvers import AfterStep, Noise, make_solver, unchanged
from halocline.diffusion.wrappers import Clipped, Conditioned
from halocline.runtime import keyed
from halocline.runtime.device import Compute
from halocline.runtime.errors import ConfigError
from halocline.runtime.progress import progress
from halocline.runtime.version import __version__


@dataclass(frozen=True, eq=False)
class Chain:
    """A trained generator, ready to draw.

    Attributes:
        codec: Network space to physical space.
        denoiser: Clean estimates in data space or latent space.
        latent: The latent space; None in data space.
        constraints: What the states obey, in order, and where each acts.
        grid: Their grid.
        solver: Name of the solver.
        steps: Solver steps.
        compute: Device and precision.
        card: What goes into the provenance: recipe, fingerprints, versions.
        conditions: What the generator can be told; None for nothing.
        clip: Largest magnitude of a clean estimate in network space; None for no limit.
        pull: Strength of the paper's pull inside the sampler, see constraints.named.paper; 0 for none.
        repair: Overwrite the southernmost wet row, as the paper does.
    """

    codec: StateCodec
    denoiser: NetworkDenoiser
    latent: LatentSpace | None
    constraints: tuple[ActiveConstraint, ...]
    grid: Grid
    solver: str
    steps: int
    compute: Compute
    card: dict[str, Any]
    conditions: Conditions | None = None
    clip: float | None = None
    pull: float = 0.0
    repair: bool = False

    @property
    def shape(self) -> tuple[int, int, int]:
        """Shape (channel, y, x) of the noise."""
        return self.latent.shape if self.latent is not None else self.codec.shape

    def with_sampler(self, solver: str | None = None, steps: int | None = None) -> "Chain":
        """Return the same chain with another solver or number of steps."""
        solver = solver or self.solver
        make_solver(solver)
        return replace(self, solver=solver, steps=steps or self.steps)

    @torch.no_grad()
    def draw(self, members: Sequence[int], seed: int, condition: np.ndarray | None = None) -> np.ndarray:
        """Draw members (member, channel, y, x) in physical units, land NaN, before the constraints at the end.

        The noise of a member depends on (seed, its number, step) only, never on the batch.

        Args:
            members: Their numbers.
            seed: Seed of the ensemble.
            condition: Condition vectors (member, condition) of a conditional generator.
        """
        device = self.compute.device
        mask = self.denoiser.mask

        def noise(step: int) -> Tensor:
            return torch.from_numpy(keyed.member_normal(seed, members, self.shape, "sampler", step)).to(device) * mask

        x0 = self._sample(self._wrapped(Draw(members, seed, condition)), noise)
        if self.latent is not None:
            x0 = self.latent.decode(x0, self.compute)
        states = self.codec.decode(x0.float().cpu().numpy())
        return RepairedBorder().project(states) if self.repair else states

    def _wrapped(self, draw: Draw) -> Denoiser:
        denoiser: Denoiser = self.denoiser
        if draw.condition is not None:
            denoiser = Conditioned(denoiser, torch.from_numpy(draw.condition).to(self.compute.device))
        if self.clip is not None:
            denoiser = Clipped(denoiser, self.clip)
        acting = [(c.make(draw), c.from_noise) for c in self.constraints if c.on_estimate]
        return ConstrainedDenoiser(denoiser, self.denoiser.schedule, self.codec, acting) if acting else denoiser

    def _sample(self, denoiser: Denoiser, noise: Noise) -> Tensor:
        schedule = self.denoiser.schedule
        times = schedule.times(self.steps).to(self.compute.device)
        start = noise(-1) * schedule.sigma(times[0])
        pull: AfterStep = unchanged
        if self.pull:
            wet = torch.from_numpy(self.codec.network_mask).to(self.compute.device)
            pull = PaperPull(wet, self.steps, self.pull)
        with self.compute.autocast():
            return make_solver(self.solver)(denoiser, schedule, start, times, noise, pull)

    def generate(
        self,
        members: int,
        seed: int,
        *,
        first: int = 0,
        batch: int = 32,
        conditions: Mapping[str, float | np.ndarray] | None = None,
        quiet: bool = False,
    ) -> xr.Dataset:
        """Draw states that obey the chain's constraints.

        Args:
            members: How many.
            seed: Seed of the ensemble.
            first: Number of the first member; members 8..15 of a seed continue members 0..7.
            batch: Members a pass; changes speed and memory, not the noise.
            conditions: Forcing parameters and ``day_of_year``, one number or one a member; the rest is drawn from the
                training members.
            quiet: Show no progress.

        Returns:
            Dataset with dims (member, [depth,] y, x), CF attributes, grid, conditions and provenance; land NaN.
        """
        numbers = list(range(first, first + members))
        told = self._told(seed, numbers, conditions)
        vector = None if self.conditions is None or not told else self.conditions.encode(told)
        parts = []
        with progress("generating", members, quiet=quiet) as report:
            for start in range(0, members, batch):
                part = slice(start, start + batch)
                parts.append(self.draw(numbers[part], seed, None if vector is None else vector[part]))
                report(min(members, start + batch), "")
        draw = Draw(numbers, seed, vector)
        labels = [channel_variable(name)[0].name for name in self.codec.channels]
        acting = [c.make(draw) for c in self.constraints if c.at_end]
        states, moved = project_all(np.concatenate(parts), acting, labels)
        dataset = to_dataset(states, self.codec.channels, self.grid, numbers, self._provenance(seed, moved))
        for name, values in told.items():
            units = dict(zip(self.conditions.parameters, self.conditions.units, strict=True)) if self.conditions else {}
            attrs = {"units": units.get(name, "days"), "forcing": "1"}
            dataset = dataset.assign_coords({name: ("member", values, attrs)})
        return dataset

    def _told(
        self, seed: int, numbers: Sequence[int], given: Mapping[str, float | np.ndarray] | None
    ) -> dict[str, np.ndarray]:
        if self.conditions is not None:
            return self.conditions.draw(seed, numbers, given)
        if given:
            raise ConfigError(
                f"condition '{next(iter(given))}'",
                found="a model that takes no conditions",
                expected="a model trained with conditions",
                remedy="Leave the condition out, or use a model trained with the preset 'dino'.",
            )
        return {}

    def _provenance(self, seed: int, moved: Sequence[ProjectionReport]) -> dict[str, Any]:
        inside = [c.name for c in self.constraints if c.on_estimate] + (["paper"] if self.pull else [])
        return {
            "version": __version__,
            "model": self.card.get("name", ""),
            "model_fingerprint": self.card.get("files", {}).get("model.safetensors", "")[:16],
            "data_fingerprint": self.card.get("data_fingerprint", ""),
            "seed": seed,
            "solver": self.solver,
            "steps": self.steps,
            "passes": make_solver(self.solver).passes(self.steps),
            "constraints_in_sampler": ", ".join(inside),
            "constraints": ", ".join(report.name for report in moved),
            "constraints_moved": json.dumps([asdict(report) for report in moved]),
        }
