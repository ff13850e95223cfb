"""Fingerprints of grids: short names that equal cells share, however they were stored."""

import hashlib

import numpy as np

from halocline.data.grids.levels import Vertical
from halocline.data.grids.topology import Topology


def fingerprint(mask: np.ndarray, plane: tuple[np.ndarray, ...], vertical: Vertical | None, topology: Topology) -> str:
    """Return a short sha256 of a grid's cells.

    Numbers enter as float32, the coarsest form in which files hold them: a copy in single precision is the same grid.
    (Rounding to digits would not do it: of ten thousand cells some lie at the edge between two rounded values.)

    Args:
        mask: Ocean (y, x).
        plane: What is known of latitude and longitude (degrees) and area (m2), (y, x) each.
        vertical: Levels; of their depth and thickness the wet cells count.
        topology: Enters only where sides meet.
    """
    digest = hashlib.sha256(np.packbits(mask).tobytes())
    for values in plane:
        digest.update(_single(values))
    if vertical is not None:
        digest.update(np.packbits(vertical.mask).tobytes())
        for values in (vertical.depth, vertical.thickness):
            full = values[:, None, None] if values.ndim == 1 else values
            digest.update(_single(np.broadcast_to(full, vertical.mask.shape)[vertical.mask]))
    digest.update(_words(topology))
    return digest.hexdigest()[:16]


def released_fingerprint(
    mask: np.ndarray, plane: tuple[np.ndarray, ...], vertical: Vertical | None, topology: Topology
) -> str:
    """Return the form that models and stores up to release 0.1 carry: float64 rounded to three decimals."""
    digest = hashlib.sha256(np.packbits(mask).tobytes())
    for values in plane:
        digest.update(_rounded(values))
    if vertical is not None:
        digest.update(np.packbits(vertical.mask).tobytes())
        for values in (vertical.depth, vertical.thickness):
            digest.update(_rounded(values))
    digest.update(_words(topology))
    return digest.hexdigest()[:16]


def _single(values: np.ndarray) -> bytes:
    return (np.asarray(values, "<f4") + np.float32(0.0)).tobytes()  # -0 becomes 0


def _rounded(values: np.ndarray) -> bytes:
    return np.round(np.asarray(values, np.float64), 3).astype("<f8").tobytes()


def _words(topology: Topology) -> bytes:
    return "".join(f"{axis}:{edge} " for axis, edge in topology.words().items()).encode()
