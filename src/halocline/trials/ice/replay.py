"""The weather of a simulated store again: what the simulator needs to forecast the store's own states."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from halocline.data.fields.calendar import NOLEAP, hour_of_year
from halocline.data.store.store import StateStore
from halocline.runtime.errors import InputError
from halocline.worlds.arctic.domain import RESOLUTIONS_KM, Domain, arctic_domain, arctic_grid
from halocline.worlds.arctic.model import MODEL_STEP_HOURS
from halocline.worlds.arctic.parameters import Physics
from halocline.worlds.arctic.weather.synthetic import STEPS_PER_YEAR, SyntheticWeather

_KELVIN = 0.1
"""Weather that differs by more from the stored one, whose numbers are rounded to 12 bits, is another."""


@dataclass(frozen=True, eq=False)
class Replay:
    """The synthetic weather that a store was simulated under.

    Attributes:
        store: The store.
        domain: Its domain.
        rheology: Of its simulation.
        physics: Its constants.
        seed: Seed of its weather.
        warming: K per decade.
        first: The 6-h step at which each member's weather begins.
        begin: The 6-h step of the first stored state.
    """

    store: StateStore
    domain: Domain
    rheology: str
    physics: Physics
    seed: int
    warming: float
    first: int
    begin: int

    @classmethod
    def of(cls, store: StateStore) -> "Replay":
        """Read the provenance of a store.

        Raises:
            InputError: If it was not simulated under synthetic weather on an Arctic grid.
        """
        told: Mapping[str, Any] = store.attributes.get("provenance", {})
        same = [km for km in RESOLUTIONS_KM if arctic_grid(km).fingerprint() == store.grid.fingerprint()]
        if told.get("command") != "simulate arctic" or told.get("forcing") is not None or not same:
            raise InputError(
                f"store {store.path}",
                found=f"states of '{told.get('command', 'unknown origin')}'"
                + (", forced by a file" if told.get("forcing") is not None else ""),
                expected="a store of 'halocline simulate arctic' under its own weather",
                remedy="Simulate one: halocline simulate arctic --years 8 --members 4 --out DATA.zarr",
            )
        begin = int(hour_of_year(store.hours[0], NOLEAP)) // MODEL_STEP_HOURS
        first = begin if told.get("start") is not None else -int(told["spinup_years"]) * STEPS_PER_YEAR
        physics = Physics.changed(told.get("physics", {}))
        words = (str(told["rheology"]), physics, int(told["seed"]), float(told["warming"]))
        return cls(store, arctic_domain(same[0]), *words, first, begin)

    def step_of(self, index: int) -> int:
        """Return the 6-h step of a stored time."""
        return self.begin + int(self.store.hours[index] - self.store.hours[0]) // MODEL_STEP_HOURS

    def memories(self, member: int, indices: Iterable[int]) -> dict[int, dict[str, np.ndarray]]:
        """Return what the weather of a member remembers at stored times, by time index; it is run through once.

        Raises:
            InputError: If it is not the stored weather.
        """
        weather = SyntheticWeather(self.domain, self.seed, member, self.warming)
        weather.at(self.first)
        out = {}
        for index in sorted(set(indices)):
            air = weather.at(self.step_of(index))
            stored = self.store.read(member, index)[self.store.channels.index("t2m")]
            off = float(np.abs(np.where(self.domain.ocean, air.t2m - stored, 0.0)).max())
            if off > _KELVIN:
                raise InputError(
                    f"weather of member {member}, time {index} of {self.store.path}",
                    found=f"air temperatures {off:.3g} K from those of its seed",
                    expected="the weather that its provenance tells",
                    remedy="The store was made by another version; simulate it again.",
                )
            out[index] = {name: values.copy() for name, values in weather.memory().items()}
        return out

    def weather(self, member: int, memory: Mapping[str, np.ndarray]) -> SyntheticWeather:
        """Return the weather of a member from a memory on."""
        made = SyntheticWeather(self.domain, self.seed, member, self.warming)
        made.recall({name: values.copy() for name, values in memory.items()})
        return made
