"""A trained generator: draws states that obey, under conditions, as a CF dataset with their provenance."""

import json
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
import xarray as xr
from torch import Tensor

from halocline.chain.chain import Chain
from halocline.chain.dataset import require_finite
from halocline.chain.ensemble import draw_ensemble, fitting
from halocline.chain.placed import Draw, Placed
from halocline.constraints.project_all import ProjectionReport, project_all
from halocline.data.codecs.protocol import StateCodec
from halocline.data.codecs.told import there_and_back
from halocline.data.fields.layout import Layout
from halocline.data.files.open import Source
from halocline.data.grids.grid import Grid
from halocline.data.grids.grid_layout import wet_of
from halocline.data.reading.choices import AS_THE_FILE_SAYS, Choices
from halocline.data.sampling.conditions import Conditions, check_given
from halocline.data.sampling.on_date import conditions_on
from halocline.data.sampling.told import told
from halocline.diffusion.denoiser import Bound, Denoiser, NetworkDenoiser
from halocline.diffusion.given import NOTHING, Given
from halocline.diffusion.solvers.base import Noise
from halocline.diffusion.wrappers import Clamped, Guided
from halocline.runtime.errors import ConfigError, did_you_mean
from halocline.runtime.limits import check_numbers, require_memory
from halocline.runtime.noise.device import NoiseKind, member_noise, noise_kind
from halocline.runtime.places.arguments import uploads
from halocline.runtime.ranks import Ranks
from halocline.runtime.version import __version__

_COPIES, _STATES = 8, 3
"""Arrays of a batch that a pass holds at once, at the least: of the network's features, of whole states."""


Guide = Callable[[Denoiser], Denoiser]
"""A denoiser that wraps the one that is told its conditions."""


@dataclass(frozen=True, eq=False)
class Generator:
    """A trained generator, ready to draw.

    Attributes:
        chain: Codec, [latent space,] schedule, solver and the constraints that act.
        denoiser: Clean estimates in data space or latent space.
        grid: Grid of the states.
        card: What goes into the provenance: recipe, fingerprints, versions.
        conditions: Season and parameters that can be given; None for nothing.
        offered: All constraints that can be chosen, in the order in which they act.
        clip: Largest magnitude of a clean estimate in network space; None for no limit.
        drops_conditions: Whether it can also be told none of its conditions.
        guidance: How much it is drawn towards what it is told: 1 as trained, 0 as if it were told nothing.
        noise: Where noise comes from: ``keyed``, or ``philox``, made on the device (runtime/noise).
        guide: Wraps the denoiser that is told, e.g. so that states agree with observations; None for nothing.
    """

    chain: Chain
    denoiser: NetworkDenoiser
    grid: Grid
    card: dict[str, Any]
    conditions: Conditions | None = None
    offered: tuple[Placed, ...] = ()
    clip: float | None = None
    drops_conditions: bool = False
    guidance: float = 1.0
    noise: NoiseKind = "keyed"
    guide: Guide | None = None

    @property
    def codec(self) -> StateCodec:
        """Network space to physical space."""
        return self.chain.codec

    def with_sampler(
        self,
        solver: str | None = None,
        steps: int | None = None,
        fine_share: float | None = None,
        detail_guidance: float | None = None,
    ) -> "Generator":
        """Return the same generator with other numbers of its sampler, see ``Chain.with_sampler``."""
        return replace(self, chain=self.chain.with_sampler(solver, steps, fine_share, detail_guidance))

    def without_detail(self) -> "Generator":
        """Return the same generator without its stochastic decoder: the autoencoder's answer, or the whole sampler."""
        return replace(self, chain=replace(self.chain, detail=None))

    def with_constraints(self, names: Sequence[str]) -> "Generator":
        """Return the same generator whose states obey ``names`` and nothing else; ``none`` alone for nothing.

        A constraint acts where the model's recipe says; one that the recipe does not use, where it acts by default.

        Raises:
            ConfigError: If a name is none of the model's constraints, or "none" is given with others.
        """
        known = ("none", *(c.name for c in self.offered))
        for name in names:
            if name not in known or (name == "none" and len(names) > 1):
                raise ConfigError(
                    f"constraint '{name}'",
                    found=f"others beside it: {', '.join(names)}" if name in known else "none that this model offers",
                    expected=f"'none' alone, or constraints of this model: {', '.join(known[1:])}",
                    remedy=did_you_mean(name, known) + " 'halocline constrain' applies others to any file of states.",
                )
        chosen = tuple(
            replace(c, where=c.chosen if c.where == "none" else c.where) for c in self.offered if c.name in names
        )
        return replace(self, chain=replace(self.chain, constraints=chosen))

    def with_guidance(self, weight: float) -> "Generator":
        """Return the same generator, drawn towards its conditions: x0 = x0_none + weight (x0_told - x0_none).

        Args:
            weight: 1 as trained; 0 for states that are told nothing, of the whole distribution; above 1 to stress what
                is told, at two network passes a pass and less spread.

        Raises:
            ConfigError: If the model cannot be told nothing, or the weight is negative.
        """
        if not 0 <= weight < math.inf or (weight != 1 and not self.drops_conditions):
            raise ConfigError(
                f"guidance {weight:g}",
                found="no weight"
                if not 0 <= weight < math.inf
                else "a model that was trained with all its conditions, if any",
                expected="0 or more, and a model trained with denoiser.drop_conditions",
                remedy="Train one: --set 'condition=[\"day_of_year\"]' --set denoiser.drop_conditions=0.1",
            )
        return replace(self, guidance=weight)

    def conditions_on(
        self, at: str, weather: Source | None = None, choices: Choices = AS_THE_FILE_SAYS
    ) -> dict[str, float]:
        """Return the conditions of a date for ``generate``: day of the year, wind before (data/sampling/on_date.py)."""
        return conditions_on(self.conditions, at, weather, self.grid, choices)

    def with_noise(self, kind: str) -> "Generator":
        """Return the same generator with noise ``keyed`` (by the host, as all released ensembles) or ``philox``.

        Raises:
            ConfigError: If there is no such kind.
        """
        return replace(self, noise=noise_kind(kind))

    @torch.no_grad()
    def draw(self, members: Sequence[int], seed: int, vector: np.ndarray | None = None) -> np.ndarray:
        """Draw members (member, channel, y, x) in physical units, land NaN, before the constraints at the end.

        The noise of a member depends on (seed, its number, step) only, never on the batch.

        Args:
            members: Their numbers.
            seed: Seed of the ensemble.
            vector: Condition vectors (member, condition) of a conditional generator.
        """
        draw = Draw(members, seed, self.chain.steps, vector, self.noise)
        return self.chain.draw(self.told(vector), self._noise(members, seed), draw)

    @torch.no_grad()
    def clean(self, members: Sequence[int], seed: int, vector: np.ndarray | None = None) -> Tensor:
        """Return what ``draw`` decodes: clean fields or latents (member, channel, y, x) in network space."""
        draw = Draw(members, seed, self.chain.steps, vector, self.noise)
        return self.chain.clean(self.told(vector), self._noise(members, seed), draw)

    def told(self, vector: np.ndarray | None) -> Denoiser:
        """Return the denoiser that the sampler calls: with its conditions (member, condition), within its limits."""
        denoiser = self._bound(vector)
        if self.clip is not None:
            denoiser = Clamped(denoiser, -self.clip, self.clip)
        return denoiser if self.guide is None else self.guide(denoiser)

    def _noise(self, members: Sequence[int], seed: int) -> Noise:
        device, shape = self.chain.compute.device, self.chain.shape
        mask = self.denoiser.counts(NOTHING)

        def noise(step: int) -> Tensor:
            return member_noise(self.noise, seed, members, shape, device, "sampler", step) * mask

        return noise

    def _bound(self, vector: np.ndarray | None) -> Denoiser:
        """Return the denoiser with its condition vectors (member, condition) bound to it."""

        def bound(vector: np.ndarray | None) -> Denoiser:
            given = None if vector is None else torch.from_numpy(vector).to(self.chain.compute.device)
            return Bound(self.denoiser, Given(vector=given), self.chain.compute.autocast)

        if vector is None or not self.drops_conditions:
            return bound(vector)
        with_all, without = bound(told(vector)), bound(told(vector, np.ones(len(vector), bool)))
        alone = {0.0: without, 1.0: with_all}
        return alone.get(self.guidance) or Guided(with_all, without, self.guidance)

    @uploads
    def generate(
        self,
        members: int,
        seed: int,
        *,
        first: int = 0,
        batch: int = 32,
        conditions: Mapping[str, float | np.ndarray] | None = None,
        out: Path | str | None = None,
        memory: int | None = None,
        ranks: Ranks | None = None,
        quiet: bool = False,
    ) -> xr.Dataset:
        """Draw states that obey the generator's constraints.

        Several processes share the batches, and the first writes all in order: the same file for the same ``batch``.

        Args:
            members: How many.
            seed: Seed of the ensemble.
            first: Number of the first member; members 8..15 of a seed continue members 0..7.
            batch: Members a pass; changes speed and memory, not the noise.
            conditions: Forcing parameters and ``day_of_year``, one number or one a member; the rest is drawn from the
                training members. With guidance 0 none is told, and states carry none.
            out: File or address, .nc or .zarr, to write them to as they are drawn: memory holds one batch only.
            memory: Bytes that drawing may take in each process beside the program itself, see pass_memory.py: a pass
                has fewer than ``batch`` members if need be. None for no limit but the machine's.
            ranks: Processes that share the work; with several, ``out`` is needed.
            quiet: Show no progress.

        Returns:
            Dataset (member, [depth,] y, x), CF attributes, grid, provenance; land NaN. With ``out`` read when needed.

        Raises:
            ConfigError: If a condition is none of the model's, or is given to a generator that is told nothing.
            OutputError: If ``out`` exists or cannot be written.
        """
        check_numbers({"members": members, "seed": seed, "first": first, "batch": batch})
        a_state = 4 * math.prod((len(self.codec.channels), *self.grid.shape))
        together = min(batch, members)
        a_pass = together * max(_COPIES * 4 * math.prod(self.chain.shape), _STATES * a_state)
        require_memory(f"a pass of {together} members", a_pass, "Draw fewer members a pass: a smaller --batch.")
        if out is None:
            require_memory(f"{members} states", members * a_state, "Draw fewer, or write them to a file with out=.")
        numbers, ranks = list(range(first, first + members)), ranks or Ranks()
        drawn = self.conditions_of(seed, numbers, conditions)
        if memory is not None:
            batch = fitting(self, numbers, seed, drawn, memory, together, ranks)
        path = None if out is None else Path(out)
        return draw_ensemble(self, numbers, seed, drawn, batch=batch, out=path, ranks=ranks, quiet=quiet)

    @torch.no_grad()
    def encode_decode(self, states: np.ndarray, *, batch: int = 32, seed: int = 0, first: int = 0) -> np.ndarray:
        """Return states as they come back from the latent space: the most that draws in it can be expected to keep.

        A stochastic decoder draws their detail anew, keyed by (seed, number) as in ``generate``.

        Args:
            states: (member, channel, y, x), physical units; values on land are ignored.
            batch: States a pass.
            seed: Seed of the detail.
            first: Number of the first state as a member.

        Returns:
            (member, channel, y, x), physical units, land NaN, before any constraint (see ``project``).

        Raises:
            ConfigError: If the generator works in data space.
        """
        if self.chain.latent is None:
            raise ConfigError(
                "encode-decode",
                found="a model in data space",
                expected="a model with a latent space",
                remedy="Its states go through nothing that could lose something: compare its draws with real states.",
            )
        numbers = [range(n, min(n + batch, len(states))) for n in range(0, len(states), batch)]
        draws = [Draw([first + k for k in part], seed, self.chain.steps, noise=self.noise) for part in numbers]
        parts = [states[part.start : part.stop] for part in numbers]
        return np.concatenate([self.chain.encode_decode(*pair) for pair in zip(parts, draws, strict=True)])

    def recode(self, states: np.ndarray) -> np.ndarray:
        """Return states (member, channel, y, x) through the latent space or else the codec, and back, land NaN."""
        if self.chain.latent is not None:
            return self.encode_decode(states)
        codec = there_and_back(self.codec)
        return codec.decode(codec.encode(states))

    def project(self, states: np.ndarray, draw: Draw | None = None) -> tuple[np.ndarray, list[ProjectionReport]]:
        """Project states (member, channel, y, x), land NaN, onto the constraints at the end.

        Args:
            states: In physical units.
            draw: The members that they are, for constraints that are drawn for each; 0, 1, … of seed 0 if None.

        Returns:
            The states, and what each constraint did to them.
        """
        draw = draw or Draw(range(len(states)), 0, self.chain.steps)
        made = [c.make(draw) for c in self.chain.constraints if c.at_end]
        labels = list(Layout.from_channels(self.codec.channels).channel_fields)
        return project_all(states, made, labels)  # type: ignore[arg-type]

    def _batch(
        self, numbers: Sequence[int], seed: int, drawn: Mapping[str, np.ndarray]
    ) -> tuple[np.ndarray, list[ProjectionReport]]:
        """Return members as they are written (member, channel, y, x), and what the constraints did to them."""
        vector = None if self.conditions is None or not drawn else self.conditions.encode(drawn)  # type: ignore[arg-type]
        states, moved = self.project(self.draw(numbers, seed, vector), Draw(numbers, seed, self.chain.steps, vector))
        require_finite(states, wet_of(self.codec.channels, self.grid), self.codec.channels, numbers)
        return states, moved

    def conditions_of(
        self, seed: int, numbers: Sequence[int], given: Mapping[str, float | np.ndarray] | None
    ) -> dict[str, np.ndarray]:
        """Return what members are told, name to (member,): what is given, the rest drawn."""
        check_given(self.conditions, given or {}, told=self.guidance > 0)
        return {} if self.conditions is None else self.conditions.draw(seed, numbers, given)

    def provenance(self, seed: int, moved: Sequence[ProjectionReport]) -> dict[str, Any]:
        """Return what a file of states says of how they were drawn."""
        chain = self.chain
        return {
            "version": __version__,
            "model": self.card.get("name", ""),
            "model_fingerprint": self.card.get("files", {}).get("model.safetensors", "")[:16],
            "data_fingerprint": self.card.get("data_fingerprint", ""),
            "seed": seed,
            "solver": chain.solver,
            "steps": chain.steps,
            **({"fine_share": chain.fine_share} if chain.fine_share else {}),
            **({"noise": self.noise} if self.noise != "keyed" else {}),
            **({"guidance": self.guidance} if self.guidance != 1 else {}),
            "passes": chain.passes * (1 if self.guidance in (0, 1) else 2),
            **({} if chain.detail is None else chain.detail.provenance),
            "constraints_in_sampler": ", ".join(c.name for c in chain.constraints if c.on_estimate or c.after_step),
            "constraints": ", ".join(report.name for report in moved),
            "constraints_moved": json.dumps([asdict(report) for report in moved]),
        }
