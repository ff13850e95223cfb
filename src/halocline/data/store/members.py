"""What distinguishes the members of an ensemble: forcing parameters, and the part each member plays."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal, cast, get_args

import numpy as np

from halocline.runtime.errors import InputError, require_choice

Role = Literal["train", "validation", "interior", "end"]
ROLES: tuple[Role, ...] = get_args(Role)


@dataclass(frozen=True, eq=False)
class MemberTable:
    """Forcing parameters and roles of the members.

    Attributes:
        names: Names of the parameters (parameter,).
        units: CF units (parameter,).
        values: (member, parameter).
        roles: Part of each member (member,): ``train``, ``validation``, ``interior`` (held out inside the range of
            the training members) or ``end`` (held out beyond it).
    """

    names: tuple[str, ...]
    units: tuple[str, ...]
    values: np.ndarray
    roles: tuple[Role, ...]

    def __post_init__(self) -> None:
        if self.values.shape != (len(self.roles), len(self.names)) or len(self.units) != len(self.names):
            raise InputError(
                "member table",
                found=f"values {self.values.shape}, {len(self.names)} names, {len(self.units)} units, "
                f"{len(self.roles)} roles",
                expected="values (member, parameter) with one name and unit a parameter and one role a member",
                remedy="Give the table one row a member.",
            )
        if not np.isfinite(self.values).all():
            raise InputError(
                "member table",
                found="values that are not finite",
                expected="finite parameters",
                remedy="Give every member every parameter.",
            )
        for role in self.roles:
            require_choice("role", role, ROLES, InputError)

    def splits(self, years: int) -> dict[str, list[tuple[int, int]]]:
        """Return splits by whole member over ``years`` years each; both held-out roles make the test split."""
        part = {"train": "train", "validation": "validation", "interior": "test", "end": "test"}
        out: dict[str, list[tuple[int, int]]] = {"train": [], "validation": [], "test": []}
        for member, role in enumerate(self.roles):
            out[part[role]] += [(member, year) for year in range(years)]
        return out

    def to_attributes(self) -> dict[str, Any]:
        """Return what the store's ``parameter`` array carries as attributes."""
        return {"names": list(self.names), "units_of": list(self.units), "roles": list(self.roles)}

    @classmethod
    def from_attributes(cls, values: np.ndarray, attributes: dict[str, Any]) -> "MemberTable":
        """Read the form of ``to_attributes`` back."""
        roles = cast(Sequence[Role], attributes["roles"])
        return cls(tuple(attributes["names"]), tuple(attributes["units_of"]), np.asarray(values), tuple(roles))
