"""The first variable per unit of the second: thickness of the ice-covered part of a cell."""

from collections.abc import Sequence

from torch import Tensor

from halocline.analysis.operators.combinations.base import COMBINATIONS, Where

LEAST = 0.05
"""Least denominator: where there is hardly ice its thickness is not told by the ratio, and gradients stay finite."""


@COMBINATIONS.register("ratio")
def ratio(values: Sequence[Tensor], where: Where) -> Tensor:
    """Return first / max(second, 0.05)."""
    return values[0] / values[1].clamp(min=LEAST)
