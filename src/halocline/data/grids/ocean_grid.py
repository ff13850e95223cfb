"""Where ocean cells are: depth, thickness, mask, area and true latitude."""

import hashlib
from dataclasses import dataclass

import numpy as np

from halocline.data.grids.levels import surface_first_depth
from halocline.runtime.errors import InputError


@dataclass(frozen=True, eq=False)
class OceanGrid:
    """Cells of a three-dimensional ocean; level 0 is the surface.

    Attributes:
        depth: Depth of the cell centres (level, y, x), m, positive down, growing with the level.
        thickness: Thickness of the cells (level, y, x), m; 0 where dry.
        mask: True where the cell is wet (level, y, x); a column is wet from the surface to its bottom.
        area: Horizontal area (y, x), m2; None if unknown.
        lat: True latitude of the centres (y, x), degrees north; None if unknown.
        lon: True longitude (y, x), degrees east; None if unknown.
    """

    depth: np.ndarray
    thickness: np.ndarray
    mask: np.ndarray
    area: np.ndarray | None = None
    lat: np.ndarray | None = None
    lon: np.ndarray | None = None

    @classmethod
    def build(
        cls,
        depth: np.ndarray,
        thickness: np.ndarray,
        mask: np.ndarray,
        *,
        positive: str | None,
        area: np.ndarray | None = None,
        lat: np.ndarray | None = None,
        lon: np.ndarray | None = None,
        source: str = "the grid",
    ) -> "OceanGrid":
        """Check and broadcast what describes the cells.

        Args:
            depth: Vertical coordinate of the centres, (level,) or (level, y, x), m.
            thickness: (level,) or (level, y, x), m.
            mask: (level, y, x).
            positive: Direction of ``depth``: "down" or "up"; never guessed (see data/grids/levels.py).
            area: (y, x), m2.
            lat: (y, x), degrees north.
            lon: (y, x), degrees east.
            source: File or dataset, for errors.

        Raises:
            InputError: If the levels run the wrong way, a wet cell hangs below a dry one, a thickness is not positive,
                or the latitude is not one.
        """
        mask = np.asarray(mask, bool)
        column = np.asarray(depth, np.float64)
        if column.ndim == 3:
            wet = mask.any(axis=(1, 2))
            nominal = np.where(mask, column, np.nan)[wet].reshape(int(wet.sum()), -1)
            surface_first_depth(np.nanmean(nominal, axis=1), positive, source)
            full = column if positive == "down" else -column
        else:
            full = surface_first_depth(column, positive, source)[:, None, None]
        _check_columns(mask, source)
        thick = np.asarray(thickness, np.float64)
        thick = np.broadcast_to(thick[:, None, None] if thick.ndim == 1 else thick, mask.shape)
        _check_thickness(thick[mask], source)
        _check_latitude(lat, mask.shape, source)
        return cls(np.broadcast_to(full, mask.shape), np.where(mask, thick, 0.0), mask, area, lat, lon)

    @property
    def levels(self) -> int:
        """Number of levels, dry ones included."""
        return int(self.mask.shape[0])

    @property
    def interface_depth(self) -> np.ndarray:
        """Depth of the interface below each level but the last (level - 1, y, x), m: the thickness above it."""
        return np.cumsum(self.thickness, axis=0)[:-1]

    @property
    def volume(self) -> np.ndarray:
        """Volume of the cells (level, y, x), m3; 0 where dry.

        Raises:
            InputError: If the area is unknown.
        """
        return self.thickness * self.known_area()

    def known_area(self) -> np.ndarray:
        """Return the area (y, x), or raise InputError if it is unknown."""
        if self.area is None:
            raise InputError(
                "area of the ocean cells",
                found="none beside the states",
                expected="'area' or 'areacello' in m2, or 'e1t' and 'e2t' in m, with dimensions (y, x)",
                remedy="Add the cell area to the dataset.",
            )
        return self.area

    def known_latitude(self) -> np.ndarray:
        """Return the true latitude (y, x), or raise InputError if it is unknown."""
        if self.lat is None:
            raise InputError(
                "latitude of the ocean cells",
                found="none beside the states",
                expected="'lat', 'nav_lat' or 'gphit' in degrees north",
                remedy="Add the true latitude (in NEMO meshes gphit, never y) to the dataset.",
            )
        return self.lat

    def fingerprint(self) -> str:
        """Return a short sha256 over mask, depth, thickness and horizontal coordinates."""
        digest = hashlib.sha256(np.packbits(self.mask).tobytes())
        for values in (self.depth, self.thickness, self.area, self.lat, self.lon):
            if values is not None:
                digest.update(np.round(np.asarray(values, np.float64), 3).astype("<f8").tobytes())
        return digest.hexdigest()[:16]


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


def _check_latitude(lat: np.ndarray | None, shape: tuple[int, ...], source: str) -> None:
    if lat is None:
        return
    rows = np.broadcast_to(np.arange(shape[1])[:, None], shape[1:])
    if lat.shape != shape[1:]:
        found = f"shape {lat.shape}"
    elif not (np.abs(lat) <= 90).all():
        found = f"values from {np.min(lat):g} to {np.max(lat):g}"
    elif shape[1] > 2 and np.array_equal(lat, rows):
        found = "the row numbers 0, 1, 2, …"
    else:
        return
    raise InputError(
        f"latitude of {source}",
        found=found,
        expected=f"degrees north within -90 to 90, shape {shape[1:]}",
        remedy="Use the true latitude (in NEMO meshes gphit); a renamed coordinate can turn into row numbers.",
    )
