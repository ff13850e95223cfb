"""A true state in which some variables are those of another state: one ice mask, one concentration, no contradiction.

Concentration and snow stay the truth's, and with them the ice mask. Where both states have ice, thickness is the
truth's concentration times the other's thickness of the ice itself (``sit / sic``), damage and drift are the other's.
Where the other has no ice, the truth's values stay; where the truth has none, all is 0.
"""

from collections.abc import Collection, Mapping

import numpy as np

from halocline.runtime.errors import require_choice

REPLACEABLE = ("sit", "sid", "siu", "siv")
_LEAST_COVER = 0.01


def with_replaced(
    truth: Mapping[str, np.ndarray], other: Mapping[str, np.ndarray], names: Collection[str]
) -> dict[str, np.ndarray]:
    """Return a true state with some variables of another.

    Args:
        truth: ``sit sic sid siu siv snt`` (y, x), 0 without ice.
        other: At least ``sic`` and the variables ``names``.
        names: Of REPLACEABLE.

    Raises:
        ConfigError: If a variable cannot be replaced.
    """
    for name in names:
        require_choice("variable to replace", name, REPLACEABLE)
    out = {name: np.asarray(values, np.float64).copy() for name, values in truth.items()}
    both = (out["sic"] > 0) & (np.asarray(other["sic"]) >= _LEAST_COVER)
    for name in names:
        theirs = np.asarray(other[name], np.float64)
        if name == "sit":
            theirs = out["sic"] * theirs / np.maximum(np.asarray(other["sic"], np.float64), _LEAST_COVER)
        out[name] = np.where(both, theirs, out[name])
    return out
