"""The chain: noise, by a solver with a denoiser that obeys constraints, [out of a latent space,] to physical states."""

from dataclasses import dataclass, replace

import numpy as np
import torch
from torch import Tensor

from halocline.chain.detail import Detail, guided
from halocline.chain.latent import LatentSpace, LatentStates
from halocline.chain.near import Near
from halocline.chain.placed import ConstrainedDenoiser, Draw, Placed
from halocline.data.codecs.protocol import StateCodec
from halocline.data.codecs.told import told_codec
from halocline.diffusion.denoiser import Denoiser
from halocline.diffusion.paths.base import Schedule
from halocline.diffusion.solvers.base import SOLVERS, AfterStep, Noise, unchanged
from halocline.diffusion.times import sampling_times, stopped
from halocline.runtime.device import Compute
from halocline.runtime.limits import check_numbers


@dataclass(frozen=True, eq=False)
class Chain:
    """states = codec.decode(detail(latent.decode(solver(denoiser, noise)))): the same for drawing and for stepping.

    A generator's denoiser is bound to its conditions and its codec is fixed; a surrogate's denoiser is bound to the
    weather, tile by tile, and its codec to the state now.

    Attributes:
        codec: Network space to physical space.
        schedule: The path from data to noise.
        solver: Name of the solver.
        steps: Solver steps.
        compute: Device and precision.
        latent: The latent space; None in data space.
        constraints: What the states obey, in order, and where each acts.
        fine_share: Share of the steps at the noise levels of the smallest scales; 0 for the schedule's own times.
        detail: Draws what the latent cannot hold, or, in data space, what is open where the sampler stops; None for the
            decoder's answer, or the sampler's end, as it is. Constraints on the estimate see what it begins with.
    """

    codec: StateCodec
    schedule: Schedule
    solver: str
    steps: int
    compute: Compute
    latent: LatentSpace | None = None
    constraints: tuple[Placed, ...] = ()
    fine_share: float = 0.0
    detail: Detail | None = None

    @property
    def shape(self) -> tuple[int, int, int]:
        """Shape (channel, y, x) of the noise."""
        return self.latent.shape if self.latent is not None else self.codec.shape

    def space(self, vector: np.ndarray | None = None) -> StateCodec | LatentStates:
        """Return where the solver works: network space, or latents, to physical states and back.

        Args:
            vector: Condition vectors (member, condition), for codecs that are told them.
        """
        codec = told_codec(self.codec, vector)
        return codec if self.latent is None else LatentStates(self.latent, codec, self.compute)

    @property
    def passes(self) -> int:
        """Network passes of a draw."""
        return SOLVERS[self.solver]().passes(len(self._times(None)) - 1)

    def with_sampler(
        self,
        solver: str | None = None,
        steps: int | None = None,
        fine_share: float | None = None,
        detail_guidance: float | None = None,
    ) -> "Chain":
        """Return the same chain with another sampler; what is not given stays.

        Args:
            solver: Name of the solver.
            steps: Its steps.
            fine_share: Share of them for the smallest scales.
            detail_guidance: Weight by which the third stage is guided; 1 for none.

        Raises:
            ConfigError: If there is no such solver, a number is out of range, the schedule has no inverse and a share
                is given, or no third stage and its guidance is.
        """
        check_numbers({"steps": steps, "fine_share": fine_share, "detail_guidance": detail_guidance})
        solver, steps = self.solver if solver is None else solver, self.steps if steps is None else steps
        SOLVERS[solver]
        share = self.fine_share if fine_share is None else fine_share
        sampling_times(self.schedule, steps, share)
        detail = self.detail if detail_guidance is None else guided(self.detail, detail_guidance)
        return replace(self, solver=solver, steps=steps, fine_share=share, detail=detail)

    def draw(self, denoiser: Denoiser, noise: Noise, draw: Draw, near: Near | None = None) -> np.ndarray:
        """Return states (member, channel, y, x) in physical units, land NaN, before the constraints at the end.

        Args:
            denoiser: Clean estimates in network space; what it is given is bound to it.
            noise: Standard normal fields by step, 0 outside the mask; step -1 is where the sampler starts.
            draw: The members.
            near: States to begin near; None to begin with noise alone.
        """
        return self._states(self.clean(denoiser, noise, draw, near), draw, self._detailed(near))

    def clean(self, denoiser: Denoiser, noise: Noise, draw: Draw, near: Near | None = None) -> Tensor:
        """Return what ``draw`` decodes: clean fields or latents (member, channel, y, x) in network space.

        Where the sampler stops before its end, they are its last estimate.
        """
        times = self._times(near).to(self.compute.device)
        start = noise(-1) * self.schedule.sigma(times[0])
        start = start if near is None else start + self.schedule.alpha(times[0]) * near.fields
        obeying = self._obeying(denoiser, draw)
        return SOLVERS[self.solver]()(obeying, self.schedule, start, times, noise, self._after_step(draw))

    def encode_decode(self, states: np.ndarray, draw: Draw) -> np.ndarray:
        """Return states (member, channel, y, x) as the latent holds them, and the detail drawn anew; physical units.

        Args:
            states: Physical states (member, channel, y, x).
            draw: The members whose detail is drawn.
        """
        assert self.latent is not None
        x = torch.from_numpy(told_codec(self.codec, draw.vector).encode(states)).to(self.compute.device)
        return self._states(self.latent.encode(x, self.compute), draw)

    def _times(self, near: Near | None) -> Tensor:
        """Return the times (step + 1,) that the solver visits, from the noise or from near given fields on."""
        times = sampling_times(self.schedule, self.steps, self.fine_share)
        times = times if near is None else near.times(self.schedule, times)
        if self.detail is None or self.latent is not None or not self._detailed(near):
            return times
        return stopped(self.schedule, times, self.detail.level)

    def _detailed(self, near: Near | None) -> bool:
        """Return whether the detail is drawn: not in data space from fields that hold more than it begins with."""
        if self.detail is None:
            return False
        return self.latent is not None or near is None or near.level > self.detail.level

    def _states(self, x0: Tensor, draw: Draw, detailed: bool = True) -> np.ndarray:
        """Return physical states of what the solver draws."""
        if self.latent is not None:
            x0 = self.latent.decode(x0, self.compute)
        if self.detail is not None and detailed:
            x0 = self.detail.draw(x0, draw, self.compute)
        return told_codec(self.codec, draw.vector).decode(x0.float().cpu().numpy())

    def _obeying(self, denoiser: Denoiser, draw: Draw) -> Denoiser:
        acting = [(c.make(draw), c.from_noise) for c in self.constraints if c.on_estimate]
        return ConstrainedDenoiser(denoiser, self.schedule, self.space(draw.vector), acting) if acting else denoiser  # type: ignore[arg-type]

    def _after_step(self, draw: Draw) -> AfterStep:
        pulls = [c.make(draw) for c in self.constraints if c.after_step]
        if not pulls:
            return unchanged

        def after(x: Tensor, step: int) -> Tensor:
            for pull in pulls:
                x = pull(x, step)  # type: ignore[operator]
            return x

        return after
