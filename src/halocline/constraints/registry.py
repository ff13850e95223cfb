"""The registry of constraints: the files of ``named`` and the entry points of other distributions."""

from typing import TYPE_CHECKING

from halocline.runtime.registry import Registry

if TYPE_CHECKING:
    from halocline.constraints.protocol import Constraint

CONSTRAINTS: "Registry[type[Constraint]]" = Registry(
    "constraint", "halocline.constraints.named", "halocline.constraints"
)
"""Classes by name; ``CONSTRAINTS[name].of(setting)`` makes one."""
