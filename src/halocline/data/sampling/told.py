"""Condition vectors of a model that can also be told nothing: one entry more says whether it is told."""

import numpy as np


def told(vectors: np.ndarray, left_out: np.ndarray | None = None) -> np.ndarray:
    """Return vectors (sample, condition + 1) whose last entry is 1; those left out are 0 throughout, the last too.

    Source: Ho & Salimans 2022, arXiv 2207.12598, section 3.2 (one network, conditions left out at random).

    Args:
        vectors: Condition vectors (sample, condition).
        left_out: Which samples are told nothing (sample,); None for none of them.
    """
    marked = np.concatenate([vectors, np.ones((len(vectors), 1), vectors.dtype)], axis=1)
    return marked if left_out is None else np.where(left_out[:, None], marked.dtype.type(0), marked)
