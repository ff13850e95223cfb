"""Conditioning variables of a generator: season, forcing parameters and wind, as numbers of order one."""

import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from halocline.data.fields.calendar import days_in_year, mean_year_days, year_of
from halocline.data.sampling.wind import WindIndices, index_names
from halocline.data.store.splits import members_of
from halocline.data.store.store import StateStore
from halocline.runtime import keyed
from halocline.runtime.errors import ConfigError, InputError, require_choice

ALL_PARAMETERS, DAY, WIND = "parameters", "day_of_year", "wind"
YEAR_LENGTH = "days_per_year"
_ARRAYS = "conditions."
_STRONGEST_WIND = 4.0  # standard deviations: about what three years of days hold


class OutsideTrainedRange(UserWarning):
    """A condition beyond what the training members span: the model extrapolates."""


@dataclass(frozen=True, eq=False)
class Conditions:
    """Season as cos and sin of one and two cycles a year, parameters scaled to -1..1 over the training members, wind.

    Attributes:
        parameters: Names.
        units: Their units.
        season: Whether the day of the year is a condition.
        table: Parameters of the training members (member, parameter).
        days_per_year: Mean length of the year, days; the day of the year runs from 0 to it.
        wind: Indices of the wind of the last days; None if they are no condition.
    """

    parameters: tuple[str, ...]
    units: tuple[str, ...]
    season: bool
    table: np.ndarray
    days_per_year: float
    wind: WindIndices | None = None

    @classmethod
    def of(cls, store: StateStore, names: Sequence[str], *, quiet: bool = True) -> "Conditions":
        """Choose conditions: ``day_of_year``, ``wind``, ``parameters`` (all of the store's), or parameters by name.

        Raises:
            ConfigError: If a name is none of these.
            InputError: If the store has no wind.
        """
        known = store.table.names if store.table is not None else ()
        for name in names:
            require_choice("condition", name, (DAY, WIND, ALL_PARAMETERS, *known))
        chosen = known if ALL_PARAMETERS in names else tuple(n for n in known if n in names)
        trained = members_of(store, "train")
        year = mean_year_days(store.calendar)
        wind = WindIndices.fit(store, quiet=quiet) if WIND in names else None
        if store.table is None:
            return cls((), (), DAY in names, np.zeros((len(trained), 0)), year, wind)
        at = [known.index(name) for name in chosen]
        units = tuple(store.table.units[k] for k in at)
        return cls(tuple(chosen), units, DAY in names, store.table.values[np.ix_(trained, at)], year, wind)

    @property
    def names(self) -> tuple[str, ...]:
        """What can be given: the parameters, ``day_of_year``, and ``wind1``, ``wind2``, ...."""
        return (*self.parameters, *((DAY,) if self.season else ()), *self._winds)

    @property
    def _winds(self) -> tuple[str, ...]:
        return () if self.wind is None else self.wind.names

    @property
    def attributes(self) -> dict[str, dict[str, Any]]:
        """What each of ``names`` carries as a coordinate of states; the day of the year tells how long its year is."""
        out: dict[str, dict[str, Any]] = {
            name: {"units": unit, "forcing": "1"} for name, unit in zip(self.parameters, self.units, strict=True)
        }
        if self.season:
            out[DAY] = {"units": "days", "forcing": "1", YEAR_LENGTH: self.days_per_year}
        return out | {name: {"units": "1", "forcing": "1"} for name in self._winds}

    @property
    def size(self) -> int:
        """Length of the condition vector."""
        return len(self.parameters) + 4 * self.season + len(self._winds)

    def encode(self, values: Mapping[str, np.ndarray]) -> np.ndarray:
        """Return the condition vectors (state, condition) float32.

        Args:
            values: Each of ``names`` (state,): parameters in their units, day of the year from 0 on, indices.
        """
        low, high = self.table.min(axis=0, initial=np.inf), self.table.max(axis=0, initial=-np.inf)
        columns = []
        for k, name in enumerate(self.parameters):
            width = high[k] - low[k]
            columns.append((2 * (np.asarray(values[name]) - low[k]) / width - 1) if width > 0 else 0 * values[name])
        if self.season:
            angle = 2 * np.pi * np.asarray(values[DAY]) / self.days_per_year
            columns += [np.cos(angle), np.sin(angle), np.cos(2 * angle), np.sin(2 * angle)]
        columns += [np.asarray(values[name]) for name in self._winds]
        return np.stack(columns, axis=1).astype(np.float32)

    def of_samples(
        self, store: StateStore, samples: Sequence[tuple[int, int]], *, quiet: bool = True
    ) -> dict[str, np.ndarray]:
        """Return the values of stored states, name to (sample,); days are stretched from their own year to a mean one.

        Args:
            store: Where they lie.
            samples: Member and time of each.
            quiet: Show no progress.
        """
        members, indices = (np.array([sample[k] for sample in samples], int) for k in range(2))
        values = {name: np.asarray(store.parameters[name], np.float64)[members] for name in self.parameters}
        if self.season:
            own = [days_in_year(int(year), store.calendar) for year in year_of(store.hours[indices], store.calendar)]
            days = np.array([store.day_of_year(int(index)) for index in indices])
            values[DAY] = days * (self.days_per_year / np.array(own))
        return values | ({} if self.wind is None else self.wind.of_samples(store, samples, quiet=quiet))

    def draw(
        self, seed: int, members: Sequence[int], given: Mapping[str, float | np.ndarray] | None = None
    ) -> dict[str, np.ndarray]:
        """Return the conditions of members, name to (member,): those given, the rest drawn.

        A member that is given nothing has the parameters of a training member, any day of the year, and indices of the
        wind that are normal and independent, as those of the training years are uncorrelated and of variance 1. What
        it draws depends on the seed and its own number only.

        Raises:
            ConfigError: If a name is no condition of the model.
            InputError: If a value is not finite, of another length than the members, or no day of the year.
        """
        given = given or {}
        for name in given:
            require_choice("condition", name, self.names)
        streams = [keyed.generator(seed, "conditions", int(m)) for m in members]
        rows = np.array([int(s.integers(len(self.table))) for s in streams], int)
        days = np.array([s.uniform(0, self.days_per_year) for s in streams])
        values = {name: self.table[rows, k] for k, name in enumerate(self.parameters)}
        values |= {DAY: days} if self.season else {}
        winds = np.array([s.standard_normal(len(self._winds)) for s in streams]).reshape(len(members), -1)
        values |= dict(zip(self._winds, winds.T, strict=True))
        for name, value in given.items():
            values[name] = self._checked(name, np.asarray(value, np.float64), len(members))
        return values

    def _checked(self, name: str, value: np.ndarray, members: int) -> np.ndarray:
        low, high = 0.0, float(self.days_per_year)
        if name in self._winds:
            low, high = -_STRONGEST_WIND, _STRONGEST_WIND
        elif name != DAY:
            column = self.table[:, self.parameters.index(name)]
            low, high = float(column.min()), float(column.max())
        bad = value.shape not in ((), (members,)) or not np.isfinite(value).all()
        outside = not bad and bool((value < low).any() or (value > high).any())
        if bad or (outside and name == DAY):
            raise InputError(
                f"condition '{name}'",
                found=f"{value if value.ndim == 0 else f'{value.size} values'}",
                expected=f"one finite number, or one a member ({members})"
                + (f", from 0 to {self.days_per_year:g}" if name == DAY else ""),
                remedy=f"Give for example --condition {name}={(low + high) / 2:g}",
            )
        if outside:
            text = f"{name} lies outside the trained range {low:g} to {high:g}: the model extrapolates"
            warnings.warn(text, OutsideTrainedRange, stacklevel=4)
        return np.broadcast_to(value, (members,)).copy()

    def to_card(self) -> dict[str, Any]:
        """Return the JSON form."""
        return {
            "parameters": list(self.parameters),
            "units": list(self.units),
            "season": self.season,
            "training_members": self.table.tolist(),
            "days_per_year": self.days_per_year,
            **({} if self.wind is None else {"wind": self.wind.to_card()}),
        }

    def arrays(self) -> dict[str, np.ndarray]:
        """Return what is not in the JSON form: the patterns of the wind."""
        return {} if self.wind is None else {f"{_ARRAYS}{k}": v for k, v in self.wind.arrays().items()}

    @staticmethod
    def names_in(card: Mapping[str, Any]) -> tuple[str, ...]:
        """Return what can be given to the model of a card."""
        winds = index_names(len(card["wind"]["share"])) if "wind" in card else ()
        return (*card["parameters"], *((DAY,) if card["season"] else ()), *winds)

    @classmethod
    def from_card(cls, card: Mapping[str, Any], arrays: Mapping[str, np.ndarray] | None = None) -> "Conditions":
        """Read the JSON form and the arrays back, out of all those of a model."""
        own = {k.removeprefix(_ARRAYS): v for k, v in (arrays or {}).items() if k.startswith(_ARRAYS)}
        wind = WindIndices.from_card(card["wind"], own) if "wind" in card else None
        names = tuple(card["parameters"])
        table = np.array(card["training_members"], np.float64).reshape(len(card["training_members"]), len(names))
        return cls(names, tuple(card["units"]), bool(card["season"]), table, card["days_per_year"], wind)


def check_given(conditions: Conditions | None, given: Mapping[str, Any], *, told: bool) -> None:
    """Raise ConfigError if conditions are given to a model that takes none, or that is told none now."""
    for name in given:
        if told and conditions is not None:
            continue
        raise ConfigError(
            f"condition '{name}'",
            found="a model that takes no conditions" if told else "a generator that is told nothing (guidance 0)",
            expected="a model trained with conditions" if told else "no condition",
            remedy="Leave the condition out, or "
            + ("train a model with --set condition='[\"day_of_year\"]'." if told else "the guidance."),
        )
