"""The rank of the truth among the members of an ensemble."""

import numpy as np


def ranks(ensemble: np.ndarray, truth: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """Return the rank of the truth among the members, ties broken at random.

    rank = #(x_j < y) + a draw from 0 .. #(x_j = y), each as likely

    Values at a bound tie often (no ice in truth and most members); any fixed rule would pile them up in one rank.

    Source: Hamill 2001, "Interpretation of rank histograms for verifying ensemble forecasts", Mon. Weather Rev. 129.

    Args:
        ensemble: (member, ...).
        truth: (...).
        random: Where the draws come from.

    Returns:
        (...), 0 (below all) to the number of members (above all).
    """
    below = (ensemble < truth).sum(axis=0)
    ties = (ensemble == truth).sum(axis=0)
    return np.asarray(below + np.floor(random.random(truth.shape) * (ties + 1)).astype(np.int64))
