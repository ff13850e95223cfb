"""The component to the east of a vector along the grid's axes."""

from collections.abc import Sequence

from torch import Tensor

from halocline.analysis.operators.combinations.base import COMBINATIONS, Where


@COMBINATIONS.register("eastward")
def eastward(values: Sequence[Tensor], where: Where) -> Tensor:
    """Return u (e_x . e_east) + v (e_y . e_east)."""
    shares = (where.axes * where.east[:, None]).sum(axis=-1)
    return sum(v * v.new_tensor(shares[:, k]) for k, v in enumerate(values))  # type: ignore[return-value]
