"""What a surrogate's network sees of a step, and how its answer becomes the next state."""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from halocline.data.fields.calendar import NOLEAP, season_angle
from halocline.data.fields.degree_days import DegreeDays
from halocline.data.fields.symmetries import NEXT, Symmetry
from halocline.data.fields.variables import Variable, adopt, channel, definitions_of

PLACE = ("place_x", "place_y")
PLACE_UNIT = 3.2e6  # m, half the side of the Arctic domain
_LABEL_SPACING = 5e4  # m


@dataclass(frozen=True, eq=False)
class ResidualCodec:
    """Residual space: r = (x_{t+step} - x_t) / std of such changes, per variable, 0 on land.

    The network is given the state, the forcing now and at the end of the step, degree days and, if wanted, the place on
    the plane, each normalised by its mean and standard deviation in the training years; and labels: the logarithm of
    the cell's size, the symmetry, and, if wanted, the season.

    Source: Finn et al. 2025, arXiv 2508.14984. Place and season are ours.

    Attributes:
        variables: The state, in channel order; a level of a field is a variable of its own (``fields.channel``).
        forcing: Names of the forcing.
        degree_days: Windows of melting and freezing.
        place: Whether the network sees where it is.
        season: Whether it knows the day of the year.
        step_hours: Length of the step.
        mean: Mean by name, physical units; state, forcing and degree days.
        std: Standard deviation by name.
        change: Standard deviation of a step's change by name of the state's variables.
    """

    variables: tuple[Variable, ...]
    forcing: tuple[str, ...]
    degree_days: DegreeDays
    place: bool
    season: bool
    step_hours: int
    mean: dict[str, float]
    std: dict[str, float]
    change: dict[str, float]

    @property
    def channels(self) -> tuple[str, ...]:
        """Names of the state's variables."""
        return tuple(v.name for v in self.variables)

    @property
    def given(self) -> tuple[str, ...]:
        """Names of the channels that the network is given, in order."""
        later = tuple(name + NEXT for name in self.forcing)
        return self.channels + self.forcing + later + self.degree_days.names + (PLACE if self.place else ())

    @property
    def labels_size(self) -> int:
        """Number of labels."""
        return 4 + 4 * self.season

    def labels(self, spacing: float, symmetry: Symmetry, hour: float, calendar: str = NOLEAP) -> np.ndarray:
        """Return the labels (label,) float32.

        Args:
            spacing: Side of a cell, m.
            symmetry: What was done to the fields.
            hour: Valid time, hours since 2000-01-01.
            calendar: Calendar of the hour.
        """
        values = [math.log(spacing / _LABEL_SPACING), *symmetry.labels]
        if self.season:
            angle = season_angle(hour, calendar)
            values += [math.cos(angle), math.sin(angle), math.cos(2 * angle), math.sin(2 * angle)]
        return np.array(values, np.float32)

    def fields(self, physical: np.ndarray, mask: np.ndarray) -> np.ndarray:
        """Return what the network is given (..., channel, y, x) float32, 0 on land.

        Args:
            physical: The channels of ``given`` in physical units; place already in units of 3200 km.
            mask: Cells that count (y, x), or those of each channel of ``given`` (channel, y, x).
        """
        names = [name.removesuffix(NEXT) for name in self.given]
        mean, std = (
            np.array([table.get(n, default) for n in names], np.float32)[:, None, None]
            for table, default in ((self.mean, 0.0), (self.std, 1.0))
        )
        out = (physical - mean).astype(np.float32, copy=False)
        out /= std
        out[..., ~mask] = 0.0
        return out

    def residual(self, now: np.ndarray, later: np.ndarray, mask: np.ndarray) -> np.ndarray:
        """Return r (..., channel, y, x) float32 of two states in physical units; at a bound exactly as ``bounds``."""
        return np.where(mask, (later - now) / self._change, np.float32(0.0))

    def bounds(self, now: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return the least and largest r (..., channel, y, x) float32 that keep the next state in its bounds."""
        low, high = (
            np.array([missing if getattr(v, side) is None else getattr(v, side) for v in self.variables], np.float32)
            for side, missing in (("lower", -np.inf), ("upper", np.inf))
        )
        return (low[:, None, None] - now) / self._change, (high[:, None, None] - now) / self._change

    def step(self, now: np.ndarray, residual: np.ndarray, mask: np.ndarray) -> np.ndarray:
        """Return the next state (..., channel, y, x) float32, at its bounds exactly where r is, 0 on land."""
        later = now + residual * self._change
        lower, upper = self.bounds(now)
        for k, var in enumerate(self.variables):
            field, r = later[..., k, :, :], residual[..., k, :, :]
            if var.lower is not None:
                field[(r <= lower[..., k, :, :]) | (field < var.lower)] = var.lower
            if var.upper is not None:
                field[(r >= upper[..., k, :, :]) | (field > var.upper)] = var.upper
        return np.where(mask, later, np.float32(0.0))

    def at(self, now: np.ndarray, mask: np.ndarray) -> "ResidualAt":
        """Return the codec of states one step after ``now`` (member, channel, y, x), physical units, land 0."""
        return ResidualAt(self, now, mask)

    @property
    def _change(self) -> np.ndarray:
        return np.array([self.change[name] for name in self.channels], np.float32)[:, None, None]

    def to_card(self) -> dict[str, Any]:
        """Return the JSON form, float64 exact."""
        return {
            "variables": list(self.channels),
            "forcing": list(self.forcing),
            "degree_days": list(self.degree_days.windows),
            "place": self.place,
            "season": self.season,
            "step_hours": self.step_hours,
            "mean": self.mean,
            "std": self.std,
            "change": self.change,
            **({"definitions": own} if (own := definitions_of((*self.channels, *self.forcing))) else {}),
        }

    @classmethod
    def from_card(cls, card: dict[str, Any]) -> "ResidualCodec":
        """Read the JSON form back; variables that Halocline does not bring are added to the registry."""
        adopt(card.get("definitions", {}), "the model")
        tables = [{name: float(n) for name, n in card[key].items()} for key in ("mean", "std", "change")]
        missing = {*card["variables"], *card["forcing"]} - set(tables[0])
        missing |= ({*card["variables"], *card["forcing"]} - set(tables[1])) | (set(card["variables"]) - set(tables[2]))
        if missing or not all(math.isfinite(number) for table in tables for number in table.values()):
            raise ValueError(f"statistics of {', '.join(sorted(missing)) or 'a variable'} that are no numbers")
        return cls(
            tuple(channel(name) for name in card["variables"]),
            tuple(card["forcing"]),
            DegreeDays(tuple(int(days) for days in card["degree_days"])),
            bool(card["place"]),
            bool(card["season"]),
            int(card["step_hours"]),
            *tables,
        )


@dataclass(frozen=True, eq=False)
class ResidualAt:
    """The residual codec bound to the state now: states one step later to network space and back, a ``StateCodec``.

    Attributes:
        space: Residual space.
        now: The state now (member, channel, y, x), physical units, land 0.
        mask: Ocean (y, x), or the wet cells of each channel (channel, y, x).
    """

    space: ResidualCodec
    now: np.ndarray
    mask: np.ndarray

    @property
    def channels(self) -> tuple[str, ...]:
        """Names of the state's variables."""
        return self.space.channels

    @property
    def network_variables(self) -> tuple[str, ...]:
        """The variable of each channel in network space: the same."""
        return self.channels

    @property
    def shape(self) -> tuple[int, int, int]:
        """Shape (channel, y, x) in network space: that of the states."""
        ny, nx = self.mask.shape[-2:]
        return len(self.channels), ny, nx

    @property
    def network_mask(self) -> np.ndarray:
        """Wet cells (channel or 1, y, x) float32."""
        return self.mask.reshape(-1, *self.shape[1:]).astype(np.float32)

    @property
    def loss_mask(self) -> np.ndarray:
        """The same: nothing is padded."""
        return self.network_mask

    def encode(self, states: np.ndarray) -> np.ndarray:
        """Return residuals (member, channel, y, x) float32 of states one step later; land becomes 0."""
        return self.space.residual(self.now, np.where(self.mask, states, np.float32(0.0)), self.mask)

    def decode(self, values: np.ndarray) -> np.ndarray:
        """Return states one step later (member, channel, y, x) float32 of residuals; land is NaN, bounds are exact."""
        return np.where(self.mask, self.space.step(self.now, values, self.mask), np.float32(np.nan))

    def bounds_in_network_space(self) -> tuple[np.ndarray, np.ndarray]:
        """Return the least and largest residual (member, channel, y, x) that keep the next state in its bounds."""
        return self.space.bounds(self.now)

    def to_card(self) -> dict[str, Any]:
        """Return the JSON form of residual space."""
        return self.space.to_card()


def place_channels(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Return (2, y, x) float32: position along x and y of cell centres in m, in units of 3200 km."""
    along_x, along_y = np.meshgrid(x, y)
    return (np.stack([along_x, along_y]) / PLACE_UNIT).astype(np.float32)
