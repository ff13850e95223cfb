"""The members of an analysis: drawn, updated and kept, by one process or shared out over several."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from halocline.analysis.measured import Measured
from halocline.analysis.members import KeptMembers
from halocline.analysis.methods.base import Method, Prior, Settings
from halocline.analysis.own_variance import own_variance, warn_too_sure
from halocline.analysis.prepare import Prepared
from halocline.analysis.redraw import redrawn
from halocline.analysis.smooth_space import smooth_space
from halocline.analysis.spread import measure_spread, own_states
from halocline.chain.dataset import require_finite
from halocline.chain.ensemble import fitting
from halocline.chain.generator import Generator
from halocline.chain.placed import Draw
from halocline.data.grids.grid_layout import wet_of
from halocline.diffusion.denoiser import Denoiser
from halocline.runtime.errors import ConfigError
from halocline.runtime.progress import Report
from halocline.runtime.ranks import Ranks

PRIOR, POSTERIOR = "prior", "posterior"
_COPIES = 4
"""Arrays of all members, float64, that a method holds which changes them together, at the least."""


@dataclass(frozen=True, eq=False)
class Work:
    """One analysis.

    Attributes:
        ready: Observations and model.
        method: The method.
        settings: What it was told.
        numbers: Of the members.
        seed: Seed of the ensemble.
        drawn: What the members of the prior are told, name to (member,).
        told: What those of the posterior are told, likewise.
        kept: Where members go when they are done.
        ranks: Processes that share the draws.
    """

    ready: Prepared
    method: Method
    settings: Settings
    numbers: list[int]
    seed: int
    drawn: dict[str, np.ndarray]
    told: dict[str, np.ndarray]
    kept: KeptMembers
    ranks: Ranks

    def vector(self, which: str) -> np.ndarray | None:
        """Return the condition vectors (member, condition) of prior or posterior; None if there are none."""
        conditions, told = self.ready.generator.conditions, self.drawn if which == PRIOR else self.told
        return None if conditions is None or not told else conditions.encode(told)

    def guided(self) -> Generator:
        """Return the generator whose draws agree with the observations."""
        ready, model = self.ready, self.ready.generator
        if not len(ready.table):
            return model
        space = smooth_space(model.chain.space(), ready.operator.needs)
        model.denoiser.requires_grad_(False)  # gradients are of the field alone
        vector = self.vector(POSTERIOR)
        looks = self.method.trusts_jacobian and self.ranks.rank == 0
        own = own_states(model, vector) if looks or space.bends else None
        if looks:
            warn_too_sure(own_variance(model, vector, own))
        measured = Measured(ready.table, ready.operator, space, measure_spread(model, space, vector, own))

        def wrap(denoiser: Denoiser) -> Denoiser:
            return self.method.guide(denoiser, model.chain.schedule, measured, self.settings)

        return replace(model, guide=wrap)

    def fitting(self, model: Generator, batch: int, memory: int | None) -> int:
        """Return how many members a pass may have in so many bytes, at most ``batch``.

        Raises:
            ConfigError: If ``memory`` is too small for a member, or for what changes all members together.
        """
        if memory is None:
            return batch
        rows, state = len(self.ready.table), int(np.prod(self.ready.generator.codec.shape))
        need = 8 * (_COPIES * len(self.numbers) * state + 2 * rows * rows)
        if not self.method.guides and need > memory:
            raise ConfigError(
                "memory",
                found=f"{memory / 1e6:.0f} MB",
                expected=f"at least {-(-need // 10**6)} MB for {len(self.numbers)} members and {rows} observations, "
                "which this method changes all together",
                remedy="Give more --memory, fewer --members, or --method mmps, which draws one after the other.",
            )
        return fitting(model, self.numbers, self.seed, self.drawn, memory, batch, self.ranks)

    def draw(self, which: str, model: Generator, batch: int, report: Report, done: int) -> int:
        """Draw the members that are not there, a batch a process in turn; return how many are done of all."""
        vectors = self.vector(which)
        for turn, start in enumerate(range(0, len(self.numbers), batch)):
            part = range(start, min(start + batch, len(self.numbers)))
            missing = [k for k in part if not self.kept.has(which, self.numbers[k])]
            if missing and turn % self.ranks.size == self.ranks.rank:
                numbers = [self.numbers[k] for k in missing]
                vector = None if vectors is None else vectors[missing]
                self._keep(which, numbers, self._drawn(which, model, numbers, vector), vector)
            report(done + part.stop, which)
        self.ranks.wait()
        return done + len(self.numbers)

    def take(self, states: np.ndarray) -> int:
        """Take members of the prior as they are (member, channel, y, x)."""
        for k, number in enumerate(self.numbers):
            self.kept.keep(PRIOR, number, states[k], [])
        return len(self.numbers)

    def update(self) -> None:
        """Change the members of the prior all together."""
        states = self.kept.states(PRIOR, self.numbers)
        ready = self.ready
        prior = Prior(states, ready.table, ready.operator, ready.generator, self.numbers, self.seed, ready.day)
        changed = self.method.update(prior, self.settings) if len(ready.table) else states
        self._keep(POSTERIOR, self.numbers, changed, self.vector(POSTERIOR))

    def _drawn(self, which: str, model: Generator, numbers: list[int], vector: np.ndarray | None) -> np.ndarray:
        if which == PRIOR or not self.method.redraws:
            return model.draw(numbers, self.seed, vector)
        states = self.kept.states(PRIOR, numbers)
        return redrawn(model, states, self.settings.level, numbers, self.seed, vector) if model.guide else states

    def _keep(self, which: str, numbers: Sequence[int], states: np.ndarray, vector: Any) -> None:
        model = self.ready.generator
        for k, number in enumerate(numbers):
            told = None if vector is None else vector[k : k + 1]
            draw = Draw([number], self.seed, model.chain.steps, told)
            projected, reports = model.project(states[k : k + 1], draw)
            require_finite(projected, wet_of(model.codec.channels, model.grid), model.codec.channels, [number])
            self.kept.keep(which, number, projected[0], reports)
