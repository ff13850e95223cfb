"""Conditioning variables of a generator: season and forcing parameters, as numbers of order one."""

import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from halocline.data.fields.calendar import days_in_year, mean_year_days, year_of
from halocline.data.store.splits import members_of
from halocline.data.store.store import StateStore
from halocline.runtime import keyed
from halocline.runtime.errors import InputError, require_choice

ALL_PARAMETERS, DAY = "parameters", "day_of_year"
YEAR_LENGTH = "days_per_year"


class OutsideTrainedRange(UserWarning):
    """A condition beyond what the training members span: the model extrapolates."""


@dataclass(frozen=True, eq=False)
class Conditions:
    """Season as cos and sin of one and two cycles a year, parameters scaled to -1..1 over the training members.

    Attributes:
        parameters: Names.
        units: Their units.
        season: Whether the day of the year is a condition.
        table: Parameters of the training members (member, parameter).
        days_per_year: Mean length of the year, days; the day of the year runs from 0 to it.
    """

    parameters: tuple[str, ...]
    units: tuple[str, ...]
    season: bool
    table: np.ndarray
    days_per_year: float

    @classmethod
    def of(cls, store: StateStore, names: Sequence[str]) -> "Conditions":
        """Choose conditions from a store: ``day_of_year``, ``parameters`` (all of them), or parameters by name.

        Raises:
            ConfigError: If a name is none of these.
        """
        known = store.table.names if store.table is not None else ()
        for name in names:
            require_choice("condition", name, (DAY, ALL_PARAMETERS, *known))
        chosen = known if ALL_PARAMETERS in names else tuple(n for n in known if n in names)
        trained = members_of(store, "train")
        year = mean_year_days(store.calendar)
        if store.table is None:
            return cls((), (), DAY in names, np.zeros((len(trained), 0)), year)
        at = [known.index(name) for name in chosen]
        units = tuple(store.table.units[k] for k in at)
        return cls(tuple(chosen), units, DAY in names, store.table.values[np.ix_(trained, at)], year)

    @property
    def names(self) -> tuple[str, ...]:
        """What can be given: the parameters, and ``day_of_year``."""
        return (*self.parameters, DAY) if self.season else self.parameters

    @property
    def attributes(self) -> dict[str, dict[str, Any]]:
        """What each of ``names`` carries as a coordinate of states; the day of the year tells how long its year is."""
        out: dict[str, dict[str, Any]] = {
            name: {"units": unit, "forcing": "1"} for name, unit in zip(self.parameters, self.units, strict=True)
        }
        if self.season:
            out[DAY] = {"units": "days", "forcing": "1", YEAR_LENGTH: self.days_per_year}
        return out

    @property
    def size(self) -> int:
        """Length of the condition vector."""
        return len(self.parameters) + 4 * self.season

    def encode(self, values: Mapping[str, np.ndarray]) -> np.ndarray:
        """Return the condition vectors (state, condition) float32.

        Args:
            values: Each of ``names`` (state,): parameters in their units, day of the year from 0 on.
        """
        low, high = self.table.min(axis=0, initial=np.inf), self.table.max(axis=0, initial=-np.inf)
        columns = []
        for k, name in enumerate(self.parameters):
            width = high[k] - low[k]
            columns.append((2 * (np.asarray(values[name]) - low[k]) / width - 1) if width > 0 else 0 * values[name])
        if self.season:
            angle = 2 * np.pi * np.asarray(values[DAY]) / self.days_per_year
            columns += [np.cos(angle), np.sin(angle), np.cos(2 * angle), np.sin(2 * angle)]
        return np.stack(columns, axis=1).astype(np.float32)

    def of_sample(self, store: StateStore, member: int, index: int) -> dict[str, float]:
        """Return the values of one stored state; its day is stretched from its own year to one of mean length."""
        values = {name: float(store.parameters[name][member]) for name in self.parameters}
        if self.season:
            own = days_in_year(int(year_of(store.hours[index], store.calendar)), store.calendar)
            values[DAY] = store.day_of_year(index) * (self.days_per_year / own)
        return values

    def draw(
        self, seed: int, members: Sequence[int], given: Mapping[str, float | np.ndarray] | None = None
    ) -> dict[str, np.ndarray]:
        """Return the conditions of members, name to (member,): those given, the rest drawn.

        A member that is given nothing has the parameters of a training member and any day of the year. What it draws
        depends on the seed and its own number only.

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
        for name, value in given.items():
            values[name] = self._checked(name, np.asarray(value, np.float64), len(members))
        return values

    def _checked(self, name: str, value: np.ndarray, members: int) -> np.ndarray:
        low, high = 0.0, float(self.days_per_year)
        if name != DAY:
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
        }

    @classmethod
    def from_card(cls, card: Mapping[str, Any]) -> "Conditions":
        """Read the JSON form back."""
        names = tuple(card["parameters"])
        table = np.array(card["training_members"], np.float64).reshape(len(card["training_members"]), len(names))
        return cls(names, tuple(card["units"]), bool(card["season"]), table, card["days_per_year"])
