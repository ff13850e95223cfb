"""Ocean states about a response surface: what the parameters and the season decide is known, the rest is drawn."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from halocline.data.codecs.ocean import OceanCodec
from halocline.data.codecs.padding import Padding
from halocline.data.fields.layout import Layout
from halocline.data.response.surface import ResponseSurface
from halocline.runtime.errors import ModelError


class _OfBase:
    """What a codec shares with the one that it stands on."""

    base: OceanCodec

    @property
    def channels(self) -> tuple[str, ...]:
        """Names of the physical channels, in order."""
        return self.base.channels

    @property
    def network_variables(self) -> tuple[str, ...]:
        """The variable of each channel in network space."""
        return self.base.network_variables

    @property
    def shape(self) -> tuple[int, int, int]:
        """Shape (channel, y, x) in network space."""
        return self.base.shape

    @property
    def network_mask(self) -> np.ndarray:
        """Wet cells in network space (channel, y, x) float32."""
        return self.base.network_mask

    @property
    def loss_mask(self) -> np.ndarray:
        """The same without any padding."""
        return self.base.loss_mask


@dataclass(frozen=True, eq=False)
class OfOthers:
    """What surfaces over the other members say of each training member.

    Attributes:
        points: Parameters of the members (member, parameter), as in condition vectors.
        states: Their mean states (member, channel, y, x), physical units.
    """

    points: np.ndarray
    states: np.ndarray

    def among(self, parameters: np.ndarray) -> list[tuple[int, int]]:
        """Return the rows of parameters (state, parameter) that are a member's, with the member's number."""
        away = np.abs(np.asarray(parameters, np.float64)[:, None] - self.points[None]).max(axis=-1)
        return [(row, int(each.argmin())) for row, each in enumerate(away) if each.min() < SAME]


SAME = 1e-5
"""Parameters of order one that are as near as this are the same: condition vectors are in single precision."""


@dataclass(frozen=True, eq=False)
class ResponseCodec(_OfBase):
    """Physical states to network space and back: (x - B(theta, day)) / sigma, with B a response surface.

    Network space depends on what a state is told, so nothing is encoded or decoded before ``told`` has said it. sigma
    is the rms of what the surface leaves of the training states, level by level: weather, eddies, and its own error.
    That is nearly nothing where a member lies on the surface that it was fitted to, so that a network taught by that
    would draw far too little spread: training states are told what the *others* say of their member.

    Attributes:
        base: Levels, padding and scale; its mean is 0.
        surface: Over condition vectors' parameters, of states (channel, y, x), physical units.
        season: What is added for each harmonic of the condition vector (harmonic, channel, y, x); none without season.
        others: What the others say of the training members; in training only.
    """

    base: OceanCodec
    surface: ResponseSurface
    season: np.ndarray
    others: OfOthers | None = None

    @property
    def fields(self) -> Layout:
        """Physical channels."""
        return self.base.fields

    @property
    def padding(self) -> Padding:
        """Around the plane."""
        return self.base.padding

    def told(self, vector: np.ndarray | None) -> "ResponseAt":
        """Return the codec of states that are told condition vectors (state, condition): parameters, then season.

        Raises:
            ModelError: If they are told nothing: there is no surface to stand on.
        """
        if vector is None:
            raise ModelError(
                "conditions of a generator on a response surface",
                found="none",
                expected="the parameters of each state",
                remedy="Give conditions, or leave them to be drawn from the training members.",
            )
        return ResponseAt(self.base, self._with_season(self.surface(self._parameters(vector)), vector))

    def told_in_training(self, vector: np.ndarray | None) -> "ResponseAt":
        """Return the codec of training states: about what a surface over the other members says of each.

        Raises:
            ModelError: If they are told nothing.
        """
        if vector is None or self.others is None:
            return self.told(vector)
        mean = self.surface(self._parameters(vector))
        for row, member in self.others.among(self._parameters(vector)):
            mean[row] = self.others.states[member]
        return ResponseAt(self.base, self._with_season(mean, vector))

    def _parameters(self, vector: np.ndarray) -> np.ndarray:
        return vector[:, : self.surface.parameters]

    def _with_season(self, mean: np.ndarray, vector: np.ndarray) -> np.ndarray:
        if not len(self.season):
            return mean
        count = self.surface.parameters
        harmonics = vector[:, count : count + len(self.season)].astype(np.float64)
        return np.asarray(mean + np.tensordot(harmonics, self.season, axes=1))

    @property
    def anywhere(self) -> "ResponseAt":
        """The codec about the mean of the members: only for there and back, which it is exact for."""
        return ResponseAt(self.base, self.surface.mean[None])

    def encode(self, states: np.ndarray) -> np.ndarray:
        """Refuse: see ``told``."""
        return self.told(None).encode(states)

    def decode(self, values: np.ndarray) -> np.ndarray:
        """Refuse: see ``told``."""
        return self.told(None).decode(values)

    def bounds_in_network_space(self) -> tuple[np.ndarray, np.ndarray]:
        """Return (-inf, +inf), each (channel,)."""
        return self.base.bounds_in_network_space()

    def to_card(self) -> dict[str, Any]:
        """Return what people read of it in a model's card."""
        return self.base.to_card() | {"mean": "response", "patterns": len(self.surface.patterns)}

    def arrays(self) -> dict[str, np.ndarray]:
        """Return what a model folder stores of it."""
        fields = {name: values.astype(np.float32) for name, values in self.surface.fields().items()}
        surface = {f"surface_{name}": values for name, values in (fields | self.surface.numbers()).items()}
        return {**self.base.arrays(), **surface, "season": self.season.astype(np.float32)}

    @classmethod
    def from_arrays(cls, base: OceanCodec, arrays: dict[str, np.ndarray]) -> "ResponseCodec":
        """Read the form of ``arrays`` back."""
        prefix = "surface_"
        parts = {k.removeprefix(prefix): v for k, v in arrays.items() if k.startswith(prefix)}
        return cls(base, ResponseSurface.from_arrays(parts), np.asarray(arrays["season"], np.float64))


@dataclass(frozen=True, eq=False)
class ResponseAt(_OfBase):
    """The codec of states whose conditions are known.

    Attributes:
        base: Levels, padding and scale.
        mean: What is known of them (state or 1, channel, y, x), physical units.
    """

    base: OceanCodec
    mean: np.ndarray

    def encode(self, states: np.ndarray) -> np.ndarray:
        """Return network-space values (state, channel, y, x) float32 of physical ones; dry cells are 0."""
        return self.base.encode(np.where(self.base.wet, states, 0.0) - self.mean)

    def decode(self, values: np.ndarray) -> np.ndarray:
        """Return physical values (state, channel, y, x) float32 of network-space ones; dry cells are NaN."""
        return (self.base.decode(values) + self.mean).astype(np.float32)

    def bounds_in_network_space(self) -> tuple[np.ndarray, np.ndarray]:
        """Return (-inf, +inf), each (channel,)."""
        return self.base.bounds_in_network_space()

    def to_card(self) -> dict[str, Any]:
        """Return what people read of it."""
        return self.base.to_card()
