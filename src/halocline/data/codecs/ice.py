"""The codec of sea ice in which leads, ridges and atoms are seen: transformed variables with tails beyond the bounds.

Concentration and damage stand in logarithmic spaces (transforms.py), thickness and drift are sharpened (sharpening.py),
atoms go on as tails (tails.py), and there is one ice mask, that of the concentration: what a state holds where SIC = 0
is lost. Otherwise decoding is the exact inverse.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from functools import cached_property
from typing import Any, ClassVar

import numpy as np

from halocline.data.codecs.inside import Inside
from halocline.data.codecs.padding import NONE, Padding
from halocline.data.codecs.plane import PlaneCodec, column
from halocline.data.codecs.sharpening import Sharpening
from halocline.data.codecs.tails import Neighbours, OpenWater, Tails
from halocline.data.codecs.transforms import Identity, Transform, card_of, transform_of
from halocline.data.fields.variables import Variable, adopt, definitions_of, variable

CONCENTRATION, THICKNESS = "sic", "sit"


@dataclass(frozen=True, eq=False)
class IceCodec(PlaneCodec):
    """Transforms, tails, normalisation and mask of a list of ice variables.

    Attributes:
        variables: The variables, in channel order; sic and sit are among them.
        mean: Mean of the transformed channels with their tails (channel,).
        std: Standard deviation, likewise.
        inside: What the training data hold in cells with ice, by channel; of sit, of the thickness of the ice itself,
            SIT / SIC (m).
        transforms: The space of each variable.
        mask: Ocean cells (y, x).
        padding: Around the plane.
        tails: How far fields go on beyond their bounds.
        sharpness: Strength of the sharpening of the variables that stay as they are, thickness and drift.
    """

    kind: ClassVar[str] = "ice"

    variables: tuple[Variable, ...]
    mean: np.ndarray
    std: np.ndarray
    inside: tuple[Inside, ...]
    transforms: tuple[Transform, ...]
    mask: np.ndarray
    padding: Padding = NONE
    tails: Tails = field(default_factory=Tails)
    sharpness: float = 8.0

    def encode(self, states: np.ndarray) -> np.ndarray:
        """Return network-space values (..., channel, y, x) float32 of physical ones; land and padding are 0."""
        flat = np.where(self.mask, states, 0.0).reshape(-1, *states.shape[-3:])
        values = np.stack([self.transformed(state) for state in flat]).reshape(states.shape)
        scaled = (values - column(self.mean)) / column(self.std)
        return self.padding.pad(np.where(self.mask, scaled, 0.0).astype(np.float32))

    def decode(self, values: np.ndarray) -> np.ndarray:
        """Return physical values (..., channel, y, x) float32 of network-space ones; land is NaN, atoms are exact."""
        u = self.padding.unpad(values).astype(np.float64) * column(self.std) + column(self.mean)
        fields = self.physical(list(np.moveaxis(u, -3, 0)), np)
        return np.where(self.mask, np.stack(fields, axis=-3).astype(np.float32), np.float32(np.nan))

    def bounds_in_network_space(self) -> tuple[np.ndarray, np.ndarray]:
        """Return (-inf, +inf), each (channel,) float32: a tail has no end."""
        none = np.full(len(self.variables), np.inf, np.float32)
        return -none, none

    def physical(self, u: Sequence[Any], xp: Any) -> list[Any]:
        """Return the variables of transformed channels, each (..., y, x); ``xp`` is numpy, or torch for tensors."""
        u = [
            self.sharpening.undo(part) if isinstance(space, Identity) else part
            for space, part in zip(self.transforms, u, strict=True)
        ]
        k = self.channels.index(CONCENTRATION)
        ice = u[k] > self.edge
        sic = self.inside[k].decoded(u[k], self.transforms[k], self.variables[k], xp)
        out = []
        for var, space, inside, part in zip(self.variables, self.transforms, self.inside, u, strict=True):
            if var.name == CONCENTRATION:
                values = sic
            elif var.name == THICKNESS:
                values = xp.where(part > inside.least * sic, part, inside.least * sic)
            else:
                values = inside.decoded(part, space, var, xp, step=self.tails.step)
            out.append(xp.where(ice, values, 0.0) if var.zero_without_ice else values)
        return out

    def to_card(self) -> dict[str, Any]:
        """Return the JSON form, float64 exact."""
        return {
            "kind": self.kind,
            "variables": list(self.channels),
            "mean": self.mean.tolist(),
            "std": self.std.tolist(),
            "transforms": [card_of(each) for each in self.transforms],
            "inside": [asdict(each) for each in self.inside],
            "tails": asdict(self.tails),
            "sharpness": self.sharpness,
            **({"definitions": own} if (own := definitions_of(self.channels)) else {}),
        }

    @classmethod
    def from_card(cls, card: dict[str, Any], mask: np.ndarray, padding: Padding = NONE) -> "IceCodec":
        """Read the JSON form back; variables that Halocline does not bring are added to the registry."""
        adopt(card.get("definitions", {}), "the model")
        variables = tuple(variable(name) for name in card["variables"])
        inside = tuple(Inside(**each) for each in card["inside"])
        spaces = tuple(transform_of(each) for each in card["transforms"])
        mean, std = np.array(card["mean"]), np.array(card["std"])
        return cls(variables, mean, std, inside, spaces, mask, padding, Tails(**card["tails"]), card["sharpness"])

    @property
    def edge(self) -> float:
        """Transformed concentration above which there is ice."""
        return _zero(self.transforms[self.channels.index(CONCENTRATION)]) - self.tails.gap * self.tails.edge

    @cached_property
    def _neighbours(self) -> Neighbours:
        return Neighbours(self.mask)

    @cached_property
    def sharpening(self) -> Sharpening:
        """How thickness and drift are sharpened."""
        return Sharpening(self.mask, self.sharpness)

    def transformed(self, state: np.ndarray) -> np.ndarray:
        """Return the channels (channel, y, x) float64 in their spaces, with tails beyond the bounds."""
        state, tails = state.astype(np.float64), self.tails
        ice = self.mask & (state[self.channels.index(CONCENTRATION)] > 0)
        water, out = OpenWater(ice), []
        for var, space, x in zip(self.variables, self.transforms, state, strict=True):
            u = space.forward(x)
            if var.upper is not None and (full := ice & (x >= var.upper)).any():
                u = np.where(full, u + tails.jump + tails.rise * self._neighbours.share(full), u)
            if var.name == CONCENTRATION:
                u = np.where(ice, u, _zero(space) - tails.gap - water.tail(tails.slope, tails.depth, 1.0))
            elif var.name == THICKNESS:
                u = np.where(ice, u, -water.tail(tails.thin_slope, tails.thin_depth, 0.5))
            elif var.zero_without_ice:
                if var.lower is not None:
                    u = np.where(x <= var.lower, u - tails.step, u)
                u = water.extended(u, tails.fade)
            out.append(self.sharpening.apply(u * self.mask) if isinstance(space, Identity) else u)
        return np.stack(out)


def _zero(space: Transform) -> float:
    return float(space.forward(np.zeros(())))
