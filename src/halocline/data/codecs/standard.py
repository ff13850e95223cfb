"""The codec: physical states to network space and back.

Network space is ``(x - mean) / std`` per variable with land set to 0, with cells around the plane where the network
needs them. Decoding is the exact inverse: what lies at or
beyond a physical bound comes back as the bound itself, bit by bit, because the bound is compared in network space.
"""

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from halocline.data.codecs.lift import lift
from halocline.data.codecs.padding import NONE, Padding
from halocline.data.codecs.plane import PlaneCodec, column
from halocline.data.fields.variables import Variable, adopt, definitions_of, variable

Bounds = Literal["clip", "lift"]


@dataclass(frozen=True, eq=False)
class Codec(PlaneCodec):
    """Normalisation, bounds and mask of a list of variables.

    Attributes:
        variables: The variables, in channel order.
        mean: Mean per channel (channel,), physical units.
        std: Standard deviation per channel (channel,), physical units.
        mask: Ocean cells (y, x).
        bounds: ``clip`` leaves the atoms where they are; ``lift`` spreads them (see lift.py).
        padding: Around the plane.
    """

    variables: tuple[Variable, ...]
    mean: np.ndarray
    std: np.ndarray
    mask: np.ndarray
    bounds: Bounds = "clip"
    padding: Padding = NONE

    @classmethod
    def from_statistics(
        cls,
        names: tuple[str, ...],
        statistics: dict[str, dict[str, float]],
        mask: np.ndarray,
        bounds: Bounds = "clip",
        padding: Padding = NONE,
    ) -> "Codec":
        """Make a codec from a store's statistics."""
        mean = np.array([statistics[name]["mean"] for name in names])
        std = np.array([max(statistics[name]["std"], 1e-12) for name in names])
        return cls(tuple(variable(name) for name in names), mean, std, mask, bounds, padding)

    def encode(self, states: np.ndarray) -> np.ndarray:
        """Return network-space values (..., channel, y, x) float32 of physical ones; land and padding are 0."""
        values = np.where(self.mask, states, 0.0)
        if self.bounds == "lift":
            flat = values.reshape(-1, *values.shape[-3:])
            values = np.stack([self._lifted(sample) for sample in flat]).reshape(values.shape)
        scaled = (values - column(self.mean)) / column(self.std)
        return self.padding.pad(np.where(self.mask, scaled, 0.0).astype(np.float32))

    def decode(self, values: np.ndarray) -> np.ndarray:
        """Return physical values (..., channel, y, x) float32 of network-space ones; land is NaN, bounds are exact."""
        lower, upper = self.bounds_in_network_space()
        values = self.padding.unpad(values)
        physical = (values.astype(np.float64) * column(self.std) + column(self.mean)).astype(np.float32)
        for k, var in enumerate(self.variables):
            field = physical[..., k, :, :]
            if var.lower is not None:
                field[(values[..., k, :, :] <= lower[k]) | (field < var.lower)] = var.lower
            if var.upper is not None:
                field[(values[..., k, :, :] >= upper[k]) | (field > var.upper)] = var.upper
        return np.where(self.mask, physical, np.float32(np.nan))

    def bounds_in_network_space(self) -> tuple[np.ndarray, np.ndarray]:
        """Return (lower, upper), each (channel,) float32, -inf or +inf where there is none."""
        lower = [-np.inf if v.lower is None else v.lower for v in self.variables]
        upper = [np.inf if v.upper is None else v.upper for v in self.variables]
        return (
            ((np.array(lower) - self.mean) / self.std).astype(np.float32),
            ((np.array(upper) - self.mean) / self.std).astype(np.float32),
        )

    def to_card(self) -> dict[str, Any]:
        """Return the JSON form, float64 exact."""
        return {
            "variables": [v.name for v in self.variables],
            "mean": self.mean.tolist(),
            "std": self.std.tolist(),
            "bounds": self.bounds,
            **({"definitions": own} if (own := definitions_of(v.name for v in self.variables)) else {}),
        }

    @classmethod
    def from_card(cls, card: dict[str, Any], mask: np.ndarray, padding: Padding = NONE) -> "Codec":
        """Read the JSON form back; variables that Halocline does not bring are added to the registry."""
        adopt(card.get("definitions", {}), "the model")
        names = tuple(variable(name) for name in card["variables"])
        return cls(names, np.array(card["mean"]), np.array(card["std"]), mask, card["bounds"], padding)

    def _lifted(self, sample: np.ndarray) -> np.ndarray:
        fields = [lift(sample[k], v, float(self.std[k]), self.mask) for k, v in enumerate(self.variables)]
        return np.stack(fields)
