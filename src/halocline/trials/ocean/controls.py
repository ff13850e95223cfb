"""True states to compare with: held-out states nearest to what the generated ones were asked for."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from halocline.data.store.nearest import fixed_range, season
from halocline.data.store.ocean_statistics import OceanStatistics
from halocline.data.store.splits import Split, samples_of
from halocline.data.store.store import StateStore, open_store
from halocline.runtime import keyed
from halocline.runtime.errors import InputError
from halocline.trials.groups import ENCODED, MEAN, TRUTH, noise_group
from halocline.trials.ocean.dino_size import preset_of
from halocline.trials.ocean.starts import TrialStart
from halocline.trials.recoding import Recoding
from halocline.worlds.dino.climate import YEAR_DAYS
from halocline.worlds.dino.parameters import NAMES, RANGES, ForcingParameters
from halocline.worlds.dino.presets import Preset

MEAN_STATES = 500
"""Training states of which the mean state is taken, about."""
Sample = tuple[int, int]
"""(member, time index) in the store."""


@dataclass(frozen=True, eq=False)
class Controls:
    """The held-out states of a store of the DINO world.

    Attributes:
        store: The store.
        seed: Seed of the white noise.
        split: Which states count as held out: ``test``, or ``validation`` to choose something by.
    """

    store: StateStore
    seed: int = 0
    split: Split = "test"

    @classmethod
    def open(cls, path: Path, preset: Preset, seed: int = 0, split: Split = "test") -> "Controls":
        """Open a store and check that its basin has the size ``preset``.

        Raises:
            StoreError: If the store is damaged or unfinished.
            InputError: If it holds no DINO states of this size.
        """
        store = open_store(path)
        if not {"thetao", "so"} <= set(store.layout.levelled):
            raise InputError(
                f"control {path}",
                found="a store without thetao and so on levels",
                expected="a store of ocean states",
                remedy="Make one with: halocline simulate dino --out DATA.zarr",
            )
        found = preset_of(store.grid, str(path))
        if found.name != preset.name:
            remedy = "Give the store the model was trained on."
            raise InputError(
                f"control {path}", found=f"states of DINO {found.name}", expected=f"DINO {preset.name}", remedy=remedy
            )
        return cls(store, seed, split)

    def nearest(self, starts: Sequence[TrialStart], avoid: Sequence[Sample] = ()) -> list[Sample]:
        """Return a held-out sample for each start, each sample once as long as they last.

        The distance is the rms of the differences of the forcing parameters, in units of their ranges, plus the
        difference in season in years: a sample of the same member wins unless the season is far off.

        Args:
            starts: States with forcing and day.
            avoid: Samples that are taken already.
        """
        samples = samples_of(self.store, self.split)
        used = set(avoid)
        values = np.array([ForcingParameters.of(self.store.parameters, member).values() for member, _ in samples])
        days = np.array([self.store.day_of_year(index) for _, index in samples])
        width = np.array([high - low for low, high in (RANGES[name] for name in NAMES)])
        out: list[Sample] = []
        for start in starts:
            far = fixed_range(values, np.array(start.forcing.values()), width) + season(days, start.day, YEAR_DAYS)
            free = np.array([sample not in used for sample in samples])
            at = int(np.argmin(np.where(free, far, np.inf) if free.any() else far))
            used.add(samples[at])
            out.append(samples[at])
        return out

    def truth(self, sample: Sample, number: int, weather: int, group: str = TRUTH, control: str = "") -> TrialStart:
        """Return a stored state under its own forcing, from its own day of the year on."""
        member, index = sample
        forcing, day = ForcingParameters.of(self.store.parameters, member), self.store.day_of_year(index)
        return TrialStart(group, number, *self._water(self.store.read(member, index)), forcing, day, weather, control)

    def encoded(
        self, truths: Sequence[TrialStart], samples: Sequence[Sample], recode: Recoding | None
    ) -> list[TrialStart]:
        """Return truths through the model's encoding and back; without a model, as float32 through a file is exact."""
        out = []
        for truth, sample in zip(truths, samples, strict=True):
            state = self.store.read(*sample)
            if recode is not None:
                state = recode.apply(state[None])[0]
                if not np.isfinite(state[self.store.wet]).all():
                    raise InputError(
                        "encoding of the control states",
                        found="values that are not finite",
                        expected="finite values on wet cells",
                        remedy="Give the model that drew the states with --model.",
                    )
            out.append(truth.with_state(ENCODED, *self._water(state), truth.name))
        return out

    def mean(self, truths: Sequence[TrialStart]) -> list[TrialStart]:
        """Return the mean of the training states under each truth's forcing: what any generator has to beat."""
        samples = len(samples_of(self.store, "train"))
        state = OceanStatistics.of(self.store, every=max(1, samples // MEAN_STATES)).mean_state
        return [truth.with_state(MEAN, *self._water(state), truth.name) for truth in truths]

    def noisy(self, truths: Sequence[TrialStart], amplitude: float) -> list[TrialStart]:
        """Return truths with white noise of ``amplitude`` times each level's horizontal standard deviation."""
        out = []
        for truth in truths:
            rng = keyed.generator(self.seed, "judge-noise", truth.member)
            parts = []
            for values in (truth.thetao, truth.so):
                levels = zip(values, self.store.grid.wet, strict=True)
                spread = np.array([level[cells].std() if cells.any() else 0.0 for level, cells in levels])
                parts.append(values + amplitude * spread[:, None, None] * rng.standard_normal(values.shape))
            out.append(truth.with_state(noise_group(amplitude), parts[0], parts[1], truth.name))
        return out

    def _water(self, state: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        thetao, so = self.store.layout.select(state, "thetao", "so")
        return thetao, so
