"""What all combinations share."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from halocline.runtime.registry import Registry

if TYPE_CHECKING:
    from torch import Tensor


@dataclass(frozen=True, eq=False)
class Where:
    """The observations of one quantity.

    Attributes:
        depth: Depth (observation,), m; NaN without.
        axes: Unit vectors along the grid's x and y there (observation, 2, 3).
        east: Unit vector to the east there (observation, 3).
        north: Unit vector to the north there (observation, 3).
    """

    depth: np.ndarray
    axes: np.ndarray
    east: np.ndarray
    north: np.ndarray


Combination = Callable[[Sequence["Tensor"], Where], "Tensor"]
"""What is measured (member, observation) of the variables that it needs, each (member, observation)."""

COMBINATIONS: Registry[Combination] = Registry(
    "operator of observations", __package__, "halocline.observation_operators"
)
"""Combinations by name, as a ``Quantity`` names its operator."""
