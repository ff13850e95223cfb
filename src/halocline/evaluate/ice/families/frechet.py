"""The Fréchet distance between two sets of features, fitted as Gaussians."""

from dataclasses import dataclass

import numpy as np

from halocline.evaluate.engine.family import Label, Summarised
from halocline.evaluate.ice.families import ICE_SCORES
from halocline.evaluate.ice.families.base import IceSets
from halocline.evaluate.ice.features import FeatureExtractor, HandFeatures


def gaussian_frechet(mean_a: np.ndarray, cov_a: np.ndarray, mean_b: np.ndarray, cov_b: np.ndarray) -> float:
    """Return the squared Fréchet distance between two Gaussians.

    d = |m_a - m_b|^2 + tr(C_a + C_b - 2 (C_a^(1/2) C_b C_a^(1/2))^(1/2))

    The inner matrix is symmetric and positive, so its root comes from eigenvalues that are real; covariances of fewer
    samples than features need no jitter.

    Source: Dowson and Landau 1982, "The Fréchet distance between multivariate normal distributions", J. Multivariate
    Anal. 12, equation 4; Heusel et al. 2017 (FID); with an autoencoder's features: Finn et al. 2024 (FAED).

    Args:
        mean_a: Mean of one Gaussian (feature,).
        cov_a: Its covariance (feature, feature).
        mean_b: Mean of the other (feature,).
        cov_b: Its covariance (feature, feature).

    Returns:
        The distance, never negative, in the squared unit of the features.
    """
    values, vectors = np.linalg.eigh(cov_a)
    root = (vectors * np.sqrt(np.clip(values, 0.0, None))) @ vectors.T
    inner = root @ cov_b @ root
    overlap = np.sqrt(np.clip(np.linalg.eigvalsh((inner + inner.T) / 2.0), 0.0, None)).sum()
    shift = float(np.sum((mean_a - mean_b) ** 2))
    return max(0.0, shift + float(np.trace(cov_a) + np.trace(cov_b) - 2.0 * overlap))


def frechet_distance(features_a: np.ndarray, features_b: np.ndarray) -> float:
    """Return the Fréchet distance of two samples of features (sample, feature); covariances divide by N."""
    return gaussian_frechet(
        features_a.mean(axis=0),
        np.cov(features_a.T, bias=True).reshape((features_a.shape[1],) * 2),
        features_b.mean(axis=0),
        np.cov(features_b.T, bias=True).reshape((features_b.shape[1],) * 2),
    )


@dataclass(frozen=True, eq=False)
class FrechetScores:
    """The Fréchet distance as a family of scores: the summary is the features and their products.

    The distance of two finite samples is biased upwards, the more the smaller they are. Score and floor are computed
    with the same numbers of states, so both carry the same bias: read them beside each other, never alone.

    Attributes:
        extractor: Fixed features, shared by all that is compared.
        centre: Subtracted from the features (feature,) before products are taken; for rounding only.
        name: Name of the score, in words.
        id: Its id.
    """

    extractor: FeatureExtractor
    centre: np.ndarray
    name: str = "Fréchet distance"
    id: str = "frechet"

    @property
    def labels(self) -> tuple[Label, ...]:
        """One score."""
        return (Label(self.id, self.name, "all", "1", "lower"),)

    def summary(self, states: np.ndarray) -> np.ndarray:
        """Return features and their products (sample, feature + feature^2)."""
        return self.of(self.extractor(states))

    def of(self, features: np.ndarray) -> np.ndarray:
        """Return the summary of states whose features (sample, feature) are known."""
        features = features.astype(np.float64) - self.centre
        products = features[:, :, None] * features[:, None, :]
        return np.concatenate([features, products.reshape(len(features), -1)], axis=1)

    def scores(self, a: np.ndarray, b: np.ndarray) -> np.ndarray:
        """Return the distance (replicate, 1)."""
        pairs = zip(map(self._moments, a), map(self._moments, b), strict=True)
        return np.array([[gaussian_frechet(*first, *second)] for first, second in pairs])

    def _moments(self, mean: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        d = len(self.centre)
        return mean[:d], mean[d:].reshape(d, d) - np.outer(mean[:d], mean[:d])


@dataclass(frozen=True, eq=False)
class OfFeatures:
    """The Fréchet distance before the features of the real states are known, around whose mean it is taken.

    Attributes:
        extractor: Fixed features.
        name: Name of the score, in words.
        id: Its id.
    """

    extractor: FeatureExtractor
    name: str = "Fréchet distance"
    id: str = "frechet"

    def summary(self, states: np.ndarray) -> np.ndarray:
        """Return the features (sample, feature)."""
        return self.extractor(states)

    def summarised(self, generated: np.ndarray, real: np.ndarray) -> Summarised:
        """Return the family and its summaries of both sets of features."""
        family = FrechetScores(self.extractor, real.astype(np.float64).mean(axis=0), self.name, self.id)
        return Summarised(family, family.of(generated), family.of(real))


@ICE_SCORES.register("frechet")
def frechet(sets: IceSets) -> list[OfFeatures]:
    """Return the distance in the space of the extractor, and in that of hand-made features."""
    by_hand = HandFeatures.of(sets.grid, sets.channels, sets.reference.statistics)
    return [OfFeatures(sets.features), OfFeatures(by_hand, "Fréchet distance, hand-made features", "frechet_hand")]
