"""The variable itself."""

from collections.abc import Sequence

from torch import Tensor

from halocline.analysis.operators.combinations.base import COMBINATIONS, Where


@COMBINATIONS.register("value")
def value(values: Sequence[Tensor], where: Where) -> Tensor:
    """Return the first variable."""
    return values[0]
