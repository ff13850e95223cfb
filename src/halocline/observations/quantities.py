"""What an observation may measure: a variable of states, or a quantity derived from some; the registry of the latter.

A quantity says which variables of a state it needs and by which of four operators it follows from them:

- ``value``: the variable itself, mean of the cell;
- ``ratio``: first / second, e.g. thickness of the ice-covered part = sit / sic; NaN where the second is 0;
- ``eastward``, ``northward``: a component of the vector (first, second) that states hold along the grid's axes.

Components along a grid's axes are no observations: another grid turns them. They exist on a grid only (``on_grid``).
"""

from dataclasses import dataclass
from typing import Literal

from halocline.data.fields.variables import Variable, is_variable, registered, variable
from halocline.runtime.errors import InputError, did_you_mean
from halocline.runtime.registry import Registry

Operator = Literal["value", "ratio", "eastward", "northward"]


@dataclass(frozen=True)
class Quantity:
    """Something that is measured.

    Attributes:
        name: Short name, in the column ``variable`` of a table.
        standard_name: CF standard name.
        long_name: Words for axes and reports.
        unit: CF unit.
        plausible: Range (in ``unit``) outside which the unit is probably wrong.
        needs: Variables of a state from which it follows, in the operator's order.
        operator: How it follows from them.
        lower: Lowest physical value; None if unbounded.
        upper: Highest physical value; None if unbounded.
        levelled: Whether it has a depth.
    """

    name: str
    standard_name: str
    long_name: str
    unit: str
    plausible: tuple[float, float]
    needs: tuple[str, ...]
    operator: Operator = "value"
    lower: float | None = None
    upper: float | None = None
    levelled: bool = False

    @classmethod
    def of_variable(cls, var: Variable) -> "Quantity":
        """Return a variable of states as what is measured."""
        return cls(
            name=var.name,
            standard_name=var.standard_name,
            long_name=var.long_name,
            unit=var.unit,
            plausible=var.plausible,
            needs=(var.name,),
            lower=var.lower,
            upper=var.upper,
            levelled=var.levelled,
        )


QUANTITIES: Registry[Quantity] = Registry("observed quantity", group="halocline.quantities")
"""Derived quantities by name; other packages add theirs through the entry points ``halocline.quantities``."""

for _new in (
    Quantity(
        name="sit_ice",
        standard_name="sea_ice_thickness",
        long_name="thickness of the ice-covered part of the cell",
        unit="m",
        plausible=(0.0, 60.0),
        needs=("sit", "sic"),
        operator="ratio",
        lower=0.0,
    ),
    Quantity(
        name="snt_ice",
        standard_name="surface_snow_thickness",
        long_name="snow thickness on the ice-covered part of the cell",
        unit="m",
        plausible=(0.0, 8.0),
        needs=("snt", "sic"),
        operator="ratio",
        lower=0.0,
    ),
    Quantity(
        name="ice_eastward",
        standard_name="eastward_sea_ice_velocity",
        long_name="eastward sea-ice drift",
        unit="m s-1",
        plausible=(-4.0, 4.0),
        needs=("siu", "siv"),
        operator="eastward",
    ),
    Quantity(
        name="ice_northward",
        standard_name="northward_sea_ice_velocity",
        long_name="northward sea-ice drift",
        unit="m s-1",
        plausible=(-4.0, 4.0),
        needs=("siu", "siv"),
        operator="northward",
    ),
):
    QUANTITIES.register(_new.name)(_new)
_OURS = ("sit_ice", "snt_ice", "ice_eastward", "ice_northward")


def observable_names() -> list[str]:
    """Return the names that the column ``variable`` may hold."""
    of_states = [v.name for group in ("seaice", "ocean") for v in registered(group) if v.axis is None]
    return [*of_states, *QUANTITIES]


def quantity(name: str, *, on_grid: bool = False) -> Quantity:
    """Return what an observation of this name measures.

    Args:
        name: A variable of states, or a derived quantity.
        on_grid: Whether components along a grid's axes are allowed.

    Raises:
        InputError: If there is none, or it is a component along a grid's axes and there is no grid.
    """
    if name in _OURS:
        return QUANTITIES[name]
    if not is_variable(name):
        if name in QUANTITIES:  # of another package; looked for last, since that takes milliseconds
            return QUANTITIES[name]
        raise InputError(
            f"observed variable '{name}'",
            found="no such variable",
            expected="a variable of states, or a derived quantity",
            remedy=did_you_mean(name, observable_names()),
        )
    found = variable(name)
    if found.axis is not None and not on_grid:
        raise InputError(
            f"observed variable '{name}'",
            found=f"a component along the {found.axis} axis of a grid",
            expected="eastward and northward components, which are the same on every grid",
            remedy="Turn both components to east and north, and name them ice_eastward and ice_northward.",
        )
    return Quantity.of_variable(found)
