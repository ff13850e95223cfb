"""Numba's ``njit`` where numba is installed; elsewhere the functions run as plain Python: same bits, more slowly.

Same bits holds without ``fastmath``. The Arctic world, whose kernels use it, asks for numba before it starts.
"""

from collections.abc import Callable
from typing import Any

njit: Callable[..., Any]
try:
    from numba import njit
except ImportError:

    def njit(**options: Any) -> Callable[..., Any]:
        """Return a decorator that changes nothing."""
        return lambda function: function


__all__ = ["njit"]
