"""Spaces of one variable in which what matters is spread out: open water of the pack, damage close to one.

Concentrations of a winter pack lie between 0.9 and 1, their open water 1 - SIC between 1e-4 and 1e-1: four decades
that a linear scale puts into a fifth of a standard deviation. Arithmetic only, so arrays and tensors both pass.
"""

from dataclasses import asdict, dataclass
from typing import Any, Protocol

import numpy as np

_FAR = 8.0  # decades; beyond, nothing is told apart


class Transform(Protocol):
    """A strictly increasing function of the values of a variable."""

    def forward(self, x: np.ndarray) -> np.ndarray:
        """Return u(x)."""

    def inverse(self, u: Any) -> Any:
        """Return x(u), an array or a tensor, for any real u; not clipped."""


@dataclass(frozen=True)
class Identity:
    """u = x."""

    def forward(self, x: np.ndarray) -> np.ndarray:
        """Return x."""
        return x

    def inverse(self, u: Any) -> Any:
        """Return u."""
        return u


@dataclass(frozen=True)
class LogOdds:
    """u = log10((x + low) / (1 - x + high)), for a share x: open at both ends.

    Attributes:
        low: Shares below it are not told apart.
        high: Remainders 1 - x below it are not told apart.
    """

    low: float = 0.15
    high: float = 1e-4

    def forward(self, x: np.ndarray) -> np.ndarray:
        """Return u of shares 0..1."""
        return np.log10((x + self.low) / (1.0 - x + self.high))

    def inverse(self, u: Any) -> Any:
        """Return the shares."""
        odds = 10.0 ** u.clip(-_FAR, _FAR)
        return ((1.0 + self.high) * odds - self.low) / (1.0 + odds)


@dataclass(frozen=True)
class LogRemainder:
    """u = -log10(1 - x + high), for a share x: open at the upper end.

    Attributes:
        high: Remainders 1 - x below it are not told apart.
    """

    high: float = 1e-3

    def forward(self, x: np.ndarray) -> np.ndarray:
        """Return u of shares 0..1."""
        return -np.log10(1.0 - x + self.high)

    def inverse(self, u: Any) -> Any:
        """Return the shares."""
        return 1.0 + self.high - 10.0 ** (-u.clip(-_FAR, _FAR))


TRANSFORMS: dict[str, type] = {"identity": Identity, "log-odds": LogOdds, "log-remainder": LogRemainder}
"""Transforms by the name under which a model's card keeps them."""

ICE_TRANSFORMS: dict[str, Transform] = {"sic": LogOdds(), "sid": LogRemainder()}
"""Spaces of the ice variables by name; others stay as they are."""


def card_of(space: Any) -> dict[str, Any]:
    """Return a transform as JSON."""
    name = next(name for name, kind in TRANSFORMS.items() if type(space) is kind)
    return {"name": name, **asdict(space)}


def transform_of(card: dict[str, Any]) -> Transform:
    """Read the JSON form back."""
    made: Transform = TRANSFORMS[card["name"]](**{key: value for key, value in card.items() if key != "name"})
    return made
