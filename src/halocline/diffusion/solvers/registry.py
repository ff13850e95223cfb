"""The registry of solvers; it imports none, so that help texts can list their names."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from halocline.runtime.registry import Registry

if TYPE_CHECKING:
    from halocline.diffusion.solvers.base import Solver

SOLVERS: "Registry[Callable[[], Solver]]" = Registry(
    "solver", __package__, "halocline.solvers", leave_out=("base", "registry")
)
"""Solvers by name."""
