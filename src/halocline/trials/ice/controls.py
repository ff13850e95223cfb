"""True sea ice to compare with: held-out states of the same date, and what is made of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from halocline.data.fields.season import season_share
from halocline.data.store.nearest import season
from halocline.data.store.splits import Sample, Split, samples_of
from halocline.data.store.store import StateStore, open_store
from halocline.runtime import keyed
from halocline.runtime.errors import InputError
from halocline.trials.groups import ENCODED, MEAN, TRUTH, noise_group
from halocline.trials.ice.climate import VARIABLES, IceClimate
from halocline.trials.ice.starts import YEAR, IceStart, as_written
from halocline.trials.recoding import Recoding
from halocline.worlds.arctic.domain import arctic_grid

_LEAST_COVER = 0.01
_UPPER = {"sic": 1.0, "sid": 1.0 - 1e-6}


@dataclass(frozen=True, eq=False)
class IceControls:
    """The held-out states of a store of the Arctic world.

    Attributes:
        store: The store.
        climate: Its training states by date.
        seed: Seed of the white noise.
        split: Which states count as held out.
    """

    store: StateStore
    climate: IceClimate
    seed: int = 0
    split: Split = "test"

    @classmethod
    def open(cls, path: Path, resolution_km: int, seed: int = 0, split: Split = "test") -> "IceControls":
        """Open a store and check that it lies on the grid of the states.

        Raises:
            StoreError: If the store is damaged or unfinished.
            InputError: If it holds no sea ice, or on another grid.
        """
        store = open_store(path)
        missing = [name for name in VARIABLES if name not in store.channels]
        if missing or not store.grid.is_same_as(arctic_grid(resolution_km).fingerprint()):
            raise InputError(
                f"control {path}",
                found=f"a store without {', '.join(missing)}" if missing else f"the grid {store.grid.name}",
                expected=f"a store of 'halocline simulate arctic --resolution {resolution_km}', as the states",
                remedy="Give the store the model was trained on.",
            )
        return cls(store, IceClimate(store), seed, split)

    def nearest(self, starts: Sequence[IceStart], avoid: Sequence[Sample] = ()) -> list[Sample]:
        """Return a held-out sample of the same date for each start, members in turn, each once as long as they last."""
        samples = samples_of(self.store, self.split)
        used = set(avoid)
        days = YEAR * season_share(self.store.hours[[index for _, index in samples]], self.store.calendar)
        members = np.array([member for member, _ in samples])
        out: list[Sample] = []
        for number, start in enumerate(starts):
            turn = (members - number) % self.store.members / (1e6 * self.store.members)
            far = season(days, start.day, YEAR) + turn
            free = np.array([sample not in used for sample in samples])
            at = int(np.argmin(np.where(free, far, np.inf) if free.any() else far))
            used.add(samples[at])
            out.append(samples[at])
        return out

    def truth(self, sample: Sample, like: IceStart, number: int, group: str = TRUTH, control: str = "") -> IceStart:
        """Return a stored state as a start on the day of another, under its weather."""
        fields = self._fields(self.store.read(*sample), VARIABLES)
        return IceStart(group, number, as_written(fields), like.day, like.weather, control)

    def encoded(self, truths: Sequence[IceStart], samples: Sequence[Sample], recode: Recoding | None) -> list[IceStart]:
        """Return truths through the model's encoding and back, with what it does not hold as drawn states have it."""
        out = []
        for truth, sample in zip(truths, samples, strict=True):
            if recode is None:
                out.append(truth.with_state(ENCODED, truth.fields, truth.name))
                continue
            state = self.store.read(*sample)[[self._place(name, recode) for name in recode.channels]]
            back = np.where(self.store.grid.mask, recode.apply(state[None])[0], 0.0)
            if not np.isfinite(back).all():
                raise InputError(
                    "encoding of the control states",
                    found="values that are not finite",
                    expected="finite values on ocean cells",
                    remedy="Give the model that drew the states with --model.",
                )
            fields = self.climate.completed(self._fields(back, VARIABLES, recode.channels), truth.share)
            out.append(truth.with_state(ENCODED, fields, truth.name))
        return out

    def mean(self, truths: Sequence[IceStart]) -> list[IceStart]:
        """Return the mean of the training states of each truth's date: what any generator has to beat."""
        return [truth.with_state(MEAN, self.climate.mean(truth.share), truth.name) for truth in truths]

    def noisy(self, truths: Sequence[IceStart], amplitude: float) -> list[IceStart]:
        """Return truths with white noise of ``amplitude`` times each variable's standard deviation over the ice.

        Ice stays where it is, and every value within its bounds.
        """
        out = []
        for truth in truths:
            rng = keyed.generator(self.seed, "judge-noise", truth.member)
            ice = truth.fields["sic"] > 0
            fields = {}
            for name, values in truth.fields.items():
                noise = amplitude * values[ice].std() * rng.standard_normal(values.shape)
                shaken = np.where(ice, values + noise, 0.0)
                if name not in ("siu", "siv"):
                    least = _LEAST_COVER if name in ("sit", "sic") else 0.0
                    shaken = np.where(ice, np.clip(shaken, least, _UPPER.get(name)), 0.0)
                fields[name] = shaken
            out.append(truth.with_state(noise_group(amplitude), fields, truth.name))
        return out

    def _place(self, name: str, recode: Recoding) -> int:
        if name not in self.store.channels:
            raise InputError(
                f"variable '{name}' of the control store",
                found=f"a store with {', '.join(self.store.channels)}",
                expected=f"the variables of the model: {', '.join(recode.channels)}",
                remedy="Give the model that drew the states with --model.",
            )
        return self.store.channels.index(name)

    def _fields(
        self, state: np.ndarray, names: Sequence[str], channels: Sequence[str] | None = None
    ) -> dict[str, np.ndarray]:
        channels = self.store.channels if channels is None else channels
        return {name: state[list(channels).index(name)] for name in names if name in channels}
