"""The order of the levels: index 0 is the surface in Halocline, and nobody has to guess."""

import numpy as np

from halocline.runtime.errors import InputError


def surface_first_depth(values: np.ndarray, positive: str | None, source: str) -> np.ndarray:
    """Return the depths of levels (level,), m, positive down, if index 0 is the level nearest the surface.

    Args:
        values: Vertical coordinate of the level centres (level,), m.
        positive: "down" (depth: the surface has the smallest value) or "up" (height: the surface has the largest, 0 or
            below); the CF attribute of that name. None is refused: without it the order cannot be known for sure.
        source: File or dataset, for the error.

    Raises:
        InputError: If the direction is not given, contradicts the values, or the levels start at the bottom
            (as in Veros).
    """
    z = np.asarray(values, np.float64)
    field = f"vertical coordinate of {source}"
    if positive not in ("down", "up"):
        raise InputError(
            field,
            found="no attribute 'positive'" if positive is None else f"positive = '{positive}'",
            expected="positive = 'down' (depths) or 'up' (heights), so that the order of the levels is certain",
            remedy="Set dataset['depth'].attrs['positive'] = 'down', or say it with --positive.",
        )
    if z.ndim != 1 or not np.isfinite(z).all():
        raise InputError(
            field,
            found=f"shape {z.shape} with {int(np.count_nonzero(~np.isfinite(z)))} values that are not finite",
            expected="one finite number a level",
            remedy="Give the nominal depth of each level as a one-dimensional coordinate.",
        )
    depth = z if positive == "down" else -z
    if (depth < 0).any():
        raise InputError(
            field,
            found=f"values from {z.min():g} to {z.max():g} m with positive = '{positive}'",
            expected="depths >= 0 (positive = 'down') or heights <= 0 (positive = 'up')",
            remedy="Correct the sign of the values or the attribute 'positive'.",
        )
    steps = np.diff(depth)
    if (steps > 0).all():
        return depth
    if (steps < 0).all():
        raise InputError(
            field,
            found=f"levels that run from the bottom ({depth[0]:g} m) to the surface ({depth[-1]:g} m), as in Veros",
            expected="the surface at index 0",
            remedy="Turn the levels round: dataset.isel(depth=slice(None, None, -1)).",
        )
    raise InputError(
        field,
        found="depths that neither rise nor fall throughout",
        expected="depths that grow with the index",
        remedy="Sort the levels by depth and keep each once.",
    )
