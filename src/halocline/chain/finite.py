"""Drawn states are finite, or nothing is written."""

from collections.abc import Sequence

import numpy as np

from halocline.runtime.errors import ModelError


def require_finite(states: np.ndarray, wet: np.ndarray, channels: Sequence[str], numbers: Sequence[int]) -> None:
    """Raise ModelError unless drawn states (member, channel, y, x) are finite on wet cells: nothing else is written."""
    bad = ~np.isfinite(states) & wet
    if bad.any():
        member, k = np.argwhere(bad.any(axis=(2, 3)))[0]
        raise ModelError(
            f"'{channels[k]}' of member {numbers[member]}",
            found="drawn values that are not finite",
            expected="finite values on every wet cell",
            remedy="The model cannot draw so: fewer members a pass, other --steps, --guidance or --condition, or "
            "--precision fp32; nothing of this batch was written.",
        )
