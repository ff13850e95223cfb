"""The distribution of level means over training states: a low-rank Gaussian that keeps their spread."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from halocline.runtime import keyed
from halocline.runtime.errors import InputError


@dataclass(frozen=True, eq=False)
class MeanDistribution:
    """p(c | u): c = mean + B u + E f + e, f ~ N(0, 1) of low rank, e ~ N(0, diag(rest^2)).

    Attributes:
        mean: (mean,).
        slope: B (predictor, mean); no rows if nothing predicts.
        factors: E (rank, mean): leading principal components, scaled by their standard deviation.
        rest: Standard deviation of what the factors leave (mean,), so that every variance is the data's.
    """

    mean: np.ndarray
    slope: np.ndarray
    factors: np.ndarray
    rest: np.ndarray

    @classmethod
    def fit(
        cls,
        samples: np.ndarray,
        predictors: np.ndarray | None = None,
        *,
        members: np.ndarray | None = None,
        kept: float = 0.999,
    ) -> "MeanDistribution":
        """Fit to the means of training states.

        Args:
            samples: (state, mean), from ``means_of``.
            predictors: u (state, predictor): season, forcing parameters. None if there are none.
            members: Which member of an ensemble each state is of (state,). All states of one have the same forcing, so
                that a regression is right on a member that it was fitted to, and not on a new one: what it leaves is
                then taken of each member by a regression on the others, if there are enough of them.
            kept: Share of the standardised variance that the factors keep.

        Raises:
            InputError: If there are too few states, or values that are not finite.
        """
        c = np.asarray(samples, np.float64)
        u = np.zeros((len(c), 0)) if predictors is None else np.asarray(predictors, np.float64)
        if len(c) < u.shape[1] + 3 or not (np.isfinite(c).all() and np.isfinite(u).all()):
            raise InputError(
                "training states of the means",
                found=f"{len(c)} states, {int(np.count_nonzero(~np.isfinite(c)))} means that are not finite",
                expected=f"at least {u.shape[1] + 3} states with finite means",
                remedy="Give more states, or fix the means to one state's.",
            )
        offset, slope = _regression(u, c)
        if members is not None and len(np.unique(members)) >= u.shape[1] + 3:
            anomaly, freedom = _left_out(u, c, np.asarray(members)), len(c)
        else:
            anomaly, freedom = c - offset - u @ slope, len(c) - 1 - u.shape[1]
        variance = (anomaly**2).sum(axis=0) / freedom
        scale = np.sqrt(np.where(variance > 0, variance, 1.0))
        _, singular, axes = np.linalg.svd(anomaly / scale, full_matrices=False)
        share = np.cumsum(singular**2) / max(float((singular**2).sum()), 1e-300)
        rank = int(np.searchsorted(share, kept)) + 1
        factors = (singular[:rank, None] / np.sqrt(freedom)) * axes[:rank] * scale
        rest = np.sqrt(np.maximum(0.0, variance - (factors**2).sum(axis=0)))
        return cls(offset, slope, factors, rest)

    def draw(self, seed: int, members: Sequence[int], predictors: np.ndarray | None = None) -> np.ndarray:
        """Return means (member, mean); those of a member depend on the seed and its own number only.

        Args:
            seed: The run's seed.
            members: Numbers of the members.
            predictors: u (member, predictor), if the fit had any.

        Raises:
            InputError: If the predictors do not fit.
        """
        u = np.zeros((len(members), 0)) if predictors is None else np.asarray(predictors, np.float64)
        if u.shape != (len(members), len(self.slope)):
            raise InputError(
                "predictors of the means",
                found=f"shape {u.shape}",
                expected=f"(member, predictor) = ({len(members)}, {len(self.slope)})",
                remedy="Give the predictors that the distribution was fitted with, one row a member.",
            )
        rank, size = self.factors.shape
        noise = keyed.member_normal(seed, members, (rank + size,), "contents").astype(np.float64)
        return np.asarray(self.mean + u @ self.slope + noise[:, :rank] @ self.factors + noise[:, rank:] * self.rest)


def _regression(u: np.ndarray, c: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return a (mean,) and B (predictor, mean) of c = a + u B, by least squares."""
    centre = u.mean(axis=0)
    slope = np.linalg.lstsq(u - centre, c - c.mean(axis=0), rcond=None)[0]
    return c.mean(axis=0) - centre @ slope, slope


def _left_out(u: np.ndarray, c: np.ndarray, members: np.ndarray) -> np.ndarray:
    """Return c (state, mean) less what a regression on all other members says."""
    anomaly = np.empty_like(c)
    for member in np.unique(members):
        mine = members == member
        offset, slope = _regression(u[~mine], c[~mine])
        anomaly[mine] = c[mine] - offset - u[mine] @ slope
    return anomaly
