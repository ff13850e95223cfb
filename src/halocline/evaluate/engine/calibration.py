"""Calibration: whether truths lie among the members of their ensembles as the members do."""

from dataclasses import dataclass

import numpy as np

from halocline.evaluate.engine.ranks import ranks

STATISTICS = ("pit_mean", "pit_spread", "outside")


@dataclass(frozen=True, eq=False)
class Pit:
    """Randomised probability integral transform of truths y in ensembles of M members.

    pit = (rank + u) / (M + 1), rank = 0 .. M with ties broken at random, u uniform in 0..1

    If truth and members are exchangeable it is uniform in 0..1 for every M, ties or not.

    Source: Gneiting et al. 2007, "Probabilistic forecasts, calibration and sharpness", J. R. Stat. Soc. B 69; Czado et
    al. 2009, "Predictive model assessment for count data", Biometrics 65 (randomised).

    Attributes:
        values: (draw, truth), 0..1; a draw is one choice of the ensembles.
        outside: Whether the truth is below or above all members (draw, truth).
        expected: Chance that it is, 2 / (M + 1), for each truth (truth,).
    """

    values: np.ndarray
    outside: np.ndarray
    expected: np.ndarray

    @classmethod
    def of(cls, ensembles: np.ndarray, truth: np.ndarray, random: np.random.Generator) -> "Pit":
        """Rank truths (truth,) among the members of one ensemble, of which there may be several (draw, member)."""
        draws, members = ensembles.shape
        each = np.broadcast_to(truth, (draws, len(truth)))
        rank = ranks(ensembles.T[:, :, None], each, random)
        values = (rank + random.random(rank.shape)) / (members + 1)
        return cls(values, (rank == 0) | (rank == members), np.full(len(truth), 2.0 / (members + 1)))

    @classmethod
    def joined(cls, parts: "list[Pit]") -> "Pit":
        """Return the truths of several ensembles together; all have the same number of draws."""
        values, outside = (np.concatenate([getattr(p, name) for p in parts], axis=1) for name in ("values", "outside"))
        return cls(values, outside, np.concatenate([p.expected for p in parts]))

    def statistics(self, weights: np.ndarray) -> np.ndarray:
        """Return mean, spread and share outside (replicate, 3), the mean over draws, of weighted truths.

        mean             1/2 if calibrated; above: the members are too small
        spread           sqrt(12) sd, 1 if calibrated; above: the members are too much alike
        share outside    2 / (M + 1) if calibrated

        Args:
            weights: (replicate, truth), not negative, any sum.
        """
        share = weights / weights.sum(axis=1, keepdims=True)
        first, second = ((values @ share.T).T for values in (self.values, self.values**2))
        spread = np.sqrt(12.0 * np.maximum(second - first**2, 0.0))
        return np.stack([first.mean(axis=1), spread.mean(axis=1), (self.outside.mean(axis=0) @ share.T)], axis=1)

    @property
    def aims(self) -> tuple[float, float, float]:
        """What the statistics are if calibrated."""
        return 0.5, 1.0, float(self.expected.mean())
