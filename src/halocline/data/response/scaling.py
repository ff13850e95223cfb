"""Parameters of order one."""

import numpy as np


def scaled(values: np.ndarray, trained: np.ndarray) -> np.ndarray:
    """Return parameters (..., parameter) on -1..1 over the range of the trained ones (member, parameter).

    A parameter that does not vary among them is 0.
    """
    low, width = trained.min(axis=0), np.ptp(trained, axis=0)
    return np.asarray(np.where(width > 0, 2.0 * (values - low) / np.where(width > 0, width, 1.0) - 1.0, 0.0))
