"""Standard deviations of the errors of measurement, as functions of what is measured."""

from collections.abc import Callable

import numpy as np

from halocline.runtime.errors import require_choice


def concentration_error(sic: np.ndarray, low: float = 0.05, high: float = 0.15) -> np.ndarray:
    """Return the error of a retrieved concentration: ``low`` at 0 and 1, ``high`` at one half.

    sigma(c) = low + (high - low) 4 c (1 - c), c limited to 0..1. Passive-microwave products have their largest error,
    the smearing of the ice edge over a footprint, at concentrations between (Lavergne et al. 2019,
    doi:10.5194/tc-13-49-2019, section 3.3); the parabola is ours.

    Args:
        sic: Concentration (n,), 1.
        low: Error at 0 and 1, 1.
        high: Error at 0.5, 1.
    """
    c = np.clip(sic, 0.0, 1.0)
    return low + (high - low) * 4.0 * c * (1.0 - c)


def topaz_2019(thickness: np.ndarray) -> np.ndarray:
    """Return what TOPAZ adds to the uncertainty of CS2SMOS, version of 2019, m.

    max(0.02, 0.1 exp(-1.5 h)) below 3 m, min(0.2, 0.02 exp(1.8 (h - 3))) from there on. Source: the Fortran reader
    ``read_cysmos_hice`` of TOPAZ's EnKF; Xie et al. 2018, doi:10.5194/tc-12-3671-2018, why the stated uncertainty,
    that of the mapping only, is too small.

    Args:
        thickness: Thickness of the ice (n,), m.
    """
    h = np.maximum(thickness, 0.0)
    thick = np.minimum(0.2, 0.02 * np.exp(1.8 * (np.maximum(h, 3.0) - 3.0)))
    return np.where(h < 3.0, np.maximum(0.02, 0.1 * np.exp(-1.5 * h)), thick)


def topaz_2017(thickness: np.ndarray) -> np.ndarray:
    """Return what TOPAZ adds to the uncertainty of CS2SMOS, version of 2017, m: min(0.25, 0.1 + 0.075 h).

    Args:
        thickness: Thickness of the ice (n,), m.
    """
    return np.minimum(0.25, 0.1 + 0.075 * np.maximum(thickness, 0.0))


def _as_stated(thickness: np.ndarray) -> np.ndarray:
    return np.zeros(np.shape(thickness))


THICKNESS_ERRORS: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "topaz-2019": topaz_2019,
    "topaz-2017": topaz_2017,
    "stated": _as_stated,
}
"""What is added to the uncertainty that a product of thickness states."""


def thickness_error(thickness: np.ndarray, uncertainty: np.ndarray | float, form: str = "topaz-2019") -> np.ndarray:
    """Return the error of an observed thickness, m: the stated uncertainty and what a form adds to it.

    Args:
        thickness: Thickness of the ice (n,), m.
        uncertainty: As the product states it (n,), m.
        form: ``topaz-2019``, ``topaz-2017``, or ``stated`` for the uncertainty alone.

    Raises:
        ConfigError: If there is no such form.
    """
    require_choice("error of thickness", form, THICKNESS_ERRORS)
    return np.asarray(uncertainty + THICKNESS_ERRORS[form](np.asarray(thickness, np.float64)))
