"""The levels of an ocean grid: depth, thickness, wet cells; index 0 is the surface."""

from dataclasses import InitVar, dataclass

import numpy as np

from halocline.runtime.errors import InputError


@dataclass(frozen=True, eq=False)
class Vertical:
    """Levels of cells, the surface first.

    One number a level where levels are horizontal; (level, y, x) where they are not (partial bottom cells, z*, sigma).

    Attributes:
        depth: Depth of the cell centres (level,) or (level, y, x), m, positive down, growing with the level.
        thickness: Thickness of the cells (level,) or (level, y, x), m; anything where dry.
        mask: True where the cell is wet (level, y, x); a column is wet from the surface to its bottom.
        source: File or dataset, for errors.
    """

    depth: np.ndarray
    thickness: np.ndarray
    mask: np.ndarray
    source: InitVar[str] = "the vertical grid"

    def __post_init__(self, source: str) -> None:
        _check_shapes(self.depth, self.thickness, self.mask, source)
        _check_columns(self.mask, source)
        surface_first_depth(_nominal(self.depth, self.mask), "down", source)
        wet = self.thickness[self.mask.any(axis=(1, 2)) if self.thickness.ndim == 1 else self.mask]
        _check_thickness(wet, source)

    @classmethod
    def build(
        cls, depth: np.ndarray, thickness: np.ndarray, mask: np.ndarray, *, positive: str | None, source: str
    ) -> "Vertical":
        """Read levels whose vertical coordinate points down (depths) or up (heights).

        Args:
            depth: Vertical coordinate of the centres, (level,) or (level, y, x), m.
            thickness: (level,) or (level, y, x), m.
            mask: (level, y, x).
            positive: Direction of ``depth``: "down" or "up"; never guessed.
            source: File or dataset, for errors.

        Raises:
            InputError: If the levels run the wrong way, a wet cell hangs below a dry one, or a wet cell's thickness is
                not positive.
        """
        z, wet = np.asarray(depth, np.float64), np.asarray(mask, bool)
        thick = np.asarray(thickness, np.float64)
        _check_shapes(z, thick, wet, source)
        surface_first_depth(_nominal(z, wet), positive, source)
        return cls(z if positive == "down" else -z, thick, wet, source)

    @property
    def levels(self) -> int:
        """Number of levels, dry ones included."""
        return len(self.mask)

    @property
    def nominal_depth(self) -> np.ndarray:
        """Depth of the levels (level,), m: of their wet cells' mean where levels are not horizontal."""
        return self.depth if self.depth.ndim == 1 else _nominal(self.depth, self.mask, fill=True)


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


def _nominal(depth: np.ndarray, mask: np.ndarray, *, fill: bool = False) -> np.ndarray:
    """Return one depth a level: the mean over its wet cells; levels without one are left out, or get the deepest."""
    if depth.ndim == 1:
        return depth
    cells = mask.sum(axis=(1, 2))
    means = np.where(mask, depth, 0.0).sum(axis=(1, 2)) / np.maximum(cells, 1)
    return np.where(cells > 0, means, depth.max(axis=(1, 2))) if fill else means[cells > 0]


def _check_shapes(depth: np.ndarray, thickness: np.ndarray, mask: np.ndarray, source: str) -> None:
    fitting = ((len(mask),), mask.shape)
    if mask.ndim != 3 or depth.shape not in fitting or thickness.shape not in fitting:
        raise InputError(
            f"levels of {source}",
            found=f"depth {depth.shape}, thickness {thickness.shape}, mask {mask.shape}",
            expected="mask (level, y, x); depth and thickness (level,) or (level, y, x)",
            remedy="Give one depth and one thickness a level, or one a cell.",
        )


def _check_columns(mask: np.ndarray, source: str) -> None:
    hanging = int(np.count_nonzero(mask[1:] & ~mask[:-1]))
    if hanging or not mask.any():
        raise InputError(
            f"mask of {source}",
            found=f"{hanging} wet cells below a dry one" if hanging else "no wet cell",
            expected="columns that are wet from the surface to the bottom",
            remedy="Correct the mask, or turn the levels round if the first is the bottom.",
        )


def _check_thickness(wet: np.ndarray, source: str) -> None:
    if not (np.isfinite(wet).all() and (wet > 0).all()):
        raise InputError(
            f"cell thickness of {source}",
            found=f"{int(np.count_nonzero(~(wet > 0)))} wet cells whose thickness is not positive",
            expected="a positive thickness in m on every wet cell",
            remedy="Correct e3t or the depth bounds, or the mask.",
        )
