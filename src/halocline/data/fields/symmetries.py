"""The eight symmetries of a square, on fields and on the components of vectors."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from halocline.data.fields.variables import channel_variable, is_channel

NEXT = "_next"  # ending of the name of a forcing channel at the end of the step


@dataclass(frozen=True)
class Symmetry:
    """Mirror at the diagonal (x and y change places), then reverse x, then reverse y; each or none.

    Under a mirror the weather of the northern hemisphere becomes that of the southern: wind turns drift to the left. A
    network must know which symmetry it sees. Quarter turns (transpose and one reversal) keep the physics.

    Attributes:
        transpose: x and y change places.
        flip_x: x is reversed.
        flip_y: y is reversed.
    """

    transpose: bool = False
    flip_x: bool = False
    flip_y: bool = False

    @property
    def labels(self) -> tuple[float, float, float]:
        """Input of the network: 0 or 1 for each of the three."""
        return float(self.transpose), float(self.flip_x), float(self.flip_y)

    @property
    def inverse(self) -> "Symmetry":
        """The symmetry that undoes this one: a mirror at the diagonal swaps which axis was reversed."""
        flips = (self.flip_y, self.flip_x) if self.transpose else (self.flip_x, self.flip_y)
        return Symmetry(self.transpose, *flips)

    @property
    def opposite(self) -> "Symmetry":
        """The one that differs in all three."""
        return Symmetry(not self.transpose, not self.flip_x, not self.flip_y)

    def scalar(self, field: np.ndarray) -> np.ndarray:
        """Return (..., y, x) seen in the mirror."""
        if self.transpose:
            field = np.swapaxes(field, -1, -2)
        if self.flip_x:
            field = field[..., ::-1]
        if self.flip_y:
            field = field[..., ::-1, :]
        return field

    def fields(self, fields: np.ndarray, names: Sequence[str]) -> np.ndarray:
        """Return fields (..., channel, y, x), vector components turned with the plane.

        Args:
            fields: On a square (y = x in number) if ``transpose``.
            names: Names of the channels; the components of vectors (those with a partner) are turned, also with the
                ending ``_next``.
        """
        out = np.ascontiguousarray(self.scalar(fields))
        for u, v in vector_pairs(names):
            if self.transpose:
                out[..., [u, v], :, :] = out[..., [v, u], :, :]
            if self.flip_x:
                out[..., u, :, :] *= -1
            if self.flip_y:
                out[..., v, :, :] *= -1
        return out

    @classmethod
    def draw(cls, rng: np.random.Generator) -> "Symmetry":
        """Draw one of the eight, each as likely."""
        return cls(*(bool(bit) for bit in rng.integers(0, 2, 3)))


def vector_pairs(names: Sequence[str]) -> list[tuple[int, int]]:
    """Return (x component, y component) of the vectors among channels, as positions."""
    at = {name: k for k, name in enumerate(names)}
    found = []
    for name, k in at.items():
        stem = name.removesuffix(NEXT)
        var = channel_variable(stem)[0] if is_channel(stem) else None
        if var is not None and var.axis == "x" and (other := f"{var.partner}{name[len(var.name) :]}") in at:
            found.append((k, at[other]))
    return found
