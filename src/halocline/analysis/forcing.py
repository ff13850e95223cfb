"""Forcing parameters that are not told: what observations say of them, before any state is drawn given them."""

from collections.abc import Mapping

import numpy as np

from halocline.analysis.prepare import Prepared
from halocline.chain.placed import Draw
from halocline.runtime import keyed

_FIRST = 1 << 40
"""Number of the first pilot: none that a member of an ensemble would have."""
_AT_A_PATTERN = 8
"""Pilots for each pattern, at the least: a regression on fewer follows their noise."""
_MOST_PATTERNS = 16
_BEYOND = 1.2
"""Times the largest score of a pilot beyond which observations are not followed: nothing was learned there."""


def given_observations(
    ready: Prepared, drawn: Mapping[str, np.ndarray], numbers: list[int], seed: int, pilots: int, batch: int = 16
) -> dict[str, np.ndarray]:
    """Return what members are told, name to (member,): parameters that nobody gave are drawn given the observations.

    A model that is told its forcing draws states of that forcing, and some of its constraints hold them to it; a member
    with a forcing that the observations contradict cannot be drawn to them. So the forcing comes first:

        p(forcing, x | y) = p(forcing | y) p(x | forcing, y)

    The first factor is learned from pilots: states that the model draws for forcings spread evenly over the trained
    range, observed with the stated errors. Their forcing is regressed on the leading patterns of what is observed of
    them; the regression at the observations is the mean, the covariance of its residuals that of p(forcing | y), for
    forcing and observations that are jointly Gaussian. Weather and errors are in the pilots, and so in the residuals.

    Source: Blum & Francois 2010, Stat. Comput. 20, 63, section 2 (posterior of parameters by regression on simulated
    summaries); of the patterns: ordinary principal components, in units of the observations' errors.

    Args:
        ready: Model, observations and what is given.
        drawn: What members of the prior are told, name to (member,).
        numbers: Of the members.
        seed: Seed of the ensemble.
        pilots: How many are drawn; 0 to leave everything as it is.
        batch: Pilots a pass; changes speed and memory only.
    """
    conditions, names = ready.generator.conditions, ready.unknown
    if not names or not pilots or not len(ready.table):
        return dict(drawn)
    assert conditions is not None
    columns = [conditions.parameters.index(name) for name in names]
    low, high = conditions.table[:, columns].min(axis=0), conditions.table[:, columns].max(axis=0)
    shares = keyed.member_normal(seed, range(_FIRST, _FIRST + pilots), (len(names),), "pilots' forcing")
    shares = shares.argsort(axis=0).argsort(axis=0)  # ranks: evenly over the range of each
    tried = low + (high - low) * (shares + 0.5) / pilots
    seen = _observed(ready, dict(zip(names, tried.T, strict=True)), seed, pilots, batch)
    values = (ready.table.value / ready.table.sigma)[None]
    mean, factor = _regression(seen, values, 2.0 * (shares + 0.5) / pilots - 1.0)
    eps = keyed.member_normal(seed, numbers, (len(names),), "forcing given observations")
    chosen = low + (high - low) * (np.clip(mean + eps @ factor.T, -1.0, 1.0) + 1.0) / 2.0
    return {**drawn, **dict(zip(names, chosen.T, strict=True))}


def _observed(ready: Prepared, forcing: Mapping[str, np.ndarray], seed: int, pilots: int, batch: int) -> np.ndarray:
    """Return what is observed of pilots (pilot, observation), in units of the errors, which are added."""
    model, table, parts = ready.generator, ready.table, []
    assert model.conditions is not None
    for start in range(0, pilots, batch):
        rows = slice(start, min(start + batch, pilots))
        numbers = list(range(_FIRST + rows.start, _FIRST + rows.stop))
        given: dict[str, float | np.ndarray] = {**ready.conditions}
        given |= {name: values[rows] for name, values in forcing.items()}
        vector = model.conditions.encode(model.conditions.draw(seed, numbers, given))
        states, _ = model.project(model.draw(numbers, seed, vector), Draw(numbers, seed, model.chain.steps, vector))
        eps = keyed.member_normal(seed, numbers, (len(table),), "pilots' errors")
        parts.append(ready.operator.of_arrays(states) / table.sigma + eps)
    return np.concatenate(parts)


def _regression(seen: np.ndarray, at: np.ndarray, forcing: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return means (row, parameter) at rows of observations (row, observation), and a factor of their covariance."""
    pilots, middle = len(seen), seen.mean(axis=0)
    patterns = min(_MOST_PATTERNS, max(1, pilots // _AT_A_PATTERN))
    u, s, vt = np.linalg.svd(seen - middle, full_matrices=False)
    scores = u[:, :patterns] * s[:patterns]
    most = _BEYOND * np.abs(scores).max(axis=0)
    mine = np.clip((at - middle) @ vt[:patterns].T, -most, most)
    design = np.concatenate([np.ones((pilots, 1)), scores / most], axis=1)
    weights, *_ = np.linalg.lstsq(design, forcing, rcond=None)
    rest = forcing - design @ weights
    covariance = rest.T @ rest / max(1, pilots - design.shape[1])
    values, vectors = np.linalg.eigh(covariance)
    means = np.concatenate([np.ones((len(at), 1)), mine / most], axis=1) @ weights
    return means, vectors * np.sqrt(np.maximum(values, 0.0))
