"""How the sides of a grid meet: not at all, each other, or folded onto themselves."""

from dataclasses import dataclass
from typing import Literal, get_args

from halocline.runtime.errors import InputError

Edge = Literal["closed", "periodic", "folded"]
Axis = Literal["y", "x"]


@dataclass(frozen=True)
class Topology:
    """What lies beyond the first and the last cell along each axis.

    ``closed``: nothing (land, or the end of the domain). ``periodic``: the last cell is the first one's neighbour.
    ``folded``: the last row is its own neighbour, turned round in x, as at the north fold of NEMO's ORCA grids
    (Madec and Murtagh 1996); networks treat it as closed.

    Attributes:
        y: Of the first and last row.
        x: Of the first and last column.
    """

    y: Edge = "closed"
    x: Edge = "closed"

    def __post_init__(self) -> None:
        for axis, edge, known in (("y", self.y, get_args(Edge)), ("x", self.x, ("closed", "periodic"))):
            if edge not in known:
                raise InputError(
                    f"topology of the grid along {axis}",
                    found=f"'{edge}'",
                    expected=" or ".join(known),
                    remedy="Only rows (y) can be folded; leave the topology out if the sides do not meet.",
                )

    @property
    def closed(self) -> bool:
        """Whether no sides meet."""
        return self == Topology()

    @property
    def periodic(self) -> tuple[Axis, ...]:
        """The axes along which the last cell is the first one's neighbour."""
        axes: tuple[Axis, ...] = ("y", "x")
        return tuple(axis for axis in axes if getattr(self, axis) == "periodic")

    def words(self) -> dict[str, str]:
        """Return the axes that are not closed and what they are; a file and a model's card hold this."""
        return {axis: edge for axis, edge in (("y", self.y), ("x", self.x)) if edge != "closed"}


CLOSED = Topology()
