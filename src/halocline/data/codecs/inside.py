"""What a variable's values are between its bounds, and whether they hit them."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from halocline.data.codecs.transforms import Transform
from halocline.data.fields.variables import Variable


@dataclass(frozen=True)
class Inside:
    """The extremes strictly between the bounds, and whether a bound itself occurs (an atom).

    Attributes:
        least: Least value above the lower bound.
        most: Largest value below the upper bound.
        at_lower: Whether the lower bound occurs.
        at_upper: Whether the upper bound occurs.
    """

    least: float
    most: float
    at_lower: bool
    at_upper: bool

    @classmethod
    def of(cls, values: np.ndarray, var: Variable) -> "Inside":
        """Look at values (number,); all at the bounds leaves nothing between them but the bounds."""
        low = -np.inf if var.lower is None else var.lower
        high = np.inf if var.upper is None else var.upper
        between = values[(values > low) & (values < high)]
        least, most = (float(between.min()), float(between.max())) if between.size else (low, high)
        return cls(least, most, bool((values <= low).any()), bool((values >= high).any()))

    def decoded(self, u: Any, space: Transform, var: Variable, xp: Any, step: float = 0.0) -> Any:
        """Return the value of each transformed one (..., y, x): the atom or the value between the bounds it is nearest.

        Args:
            u: Transformed values, of an atom at the lower bound ``step`` below those next to it.
            space: The transform.
            var: Names the bounds.
            xp: numpy, or torch for tensors.
            step: See ``u``.
        """
        x = space.inverse(u)
        if var.lower is not None or var.upper is not None:
            x = x.clip(None if var.lower is None else self.least, None if var.upper is None else self.most)
        if self.at_lower and var.lower is not None:
            x = xp.where(u < float(space.forward(np.array(var.lower))) - step / 2, float(var.lower), x)
        if self.at_upper and var.upper is not None:
            most, whole = (float(space.forward(np.array(value))) for value in (self.most, var.upper))
            x = xp.where(u > (most + whole) / 2, float(var.upper), x)
        return x
