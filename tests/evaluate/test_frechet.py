"""The Fréchet distance against its closed forms."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from halocline.evaluate.ice.families.frechet import FrechetScores, frechet_distance, gaussian_frechet
from halocline.evaluate.ice.features import HandFeatures, load_extractor, pooled
from tests.evaluate.toy_arctic import CHANNELS, GRID, perfect


def test_commuting_covariances_have_the_closed_form():
    rng = np.random.default_rng(0)
    q = np.linalg.qr(rng.standard_normal((5, 5)))[0]
    a, b = rng.random(5) + 0.1, rng.random(5) + 0.1
    mean = rng.standard_normal(5)
    exact = mean @ mean + np.sum((np.sqrt(a) - np.sqrt(b)) ** 2)
    found = gaussian_frechet(mean, (q * a) @ q.T, np.zeros(5), (q * b) @ q.T)
    assert found == pytest.approx(exact, rel=1e-10)


def test_general_covariances_agree_with_the_matrix_root():
    from scipy.linalg import sqrtm

    rng = np.random.default_rng(1)
    a, b = (m @ m.T for m in rng.standard_normal((2, 6, 6)))
    exact = np.trace(a + b - 2 * sqrtm(a @ b)).real
    assert gaussian_frechet(np.zeros(6), a, np.zeros(6), b) == pytest.approx(exact, rel=1e-6)


def test_two_samples_of_gaussians_approach_the_distance_of_the_gaussians():
    rng = np.random.default_rng(2)
    a, b = rng.normal(0.0, 1.0, (40_000, 3)), rng.normal(1.0, 2.0, (40_000, 3))
    assert frechet_distance(a, b) == pytest.approx(3 * (1.0 + 1.0), rel=0.03)


@settings(max_examples=30)
@given(st.integers(0, 1000), st.integers(2, 6), st.integers(4, 12))
def test_fewer_samples_than_features_stay_finite_and_symmetric(seed, samples, features):
    rng = np.random.default_rng(seed)
    a, b = rng.standard_normal((2, samples, features))
    there, back = frechet_distance(a, b), frechet_distance(b, a)
    assert there == pytest.approx(back, rel=1e-5, abs=1e-6)
    assert there >= 0
    assert frechet_distance(a, a) == pytest.approx(0.0, abs=1e-5)


def test_the_family_gives_the_distance_of_the_features(reference):
    extractor = load_extractor(GRID, CHANNELS, reference.statistics)
    a, b = perfect(20, seed=1), perfect(30, seed=2)
    family = FrechetScores(extractor, extractor(b).mean(axis=0))
    found = family.scores(*(family.summary(x).mean(axis=0)[None] for x in (a, b)))
    exact = frechet_distance(extractor(a).astype(np.float64), extractor(b).astype(np.float64))
    assert found[0, 0] == pytest.approx(exact, rel=1e-6)


def test_pooled_takes_mean_and_spread_over_the_ocean_only():
    rng = np.random.default_rng(3)
    latent = rng.standard_normal((4, 2, 5, 6))
    ocean = np.zeros((5, 6))
    ocean[1:3] = 1.0
    features = pooled(np.where(ocean > 0, latent, 1e3), ocean)
    wet = latent[..., 1:3, :].reshape(4, 2, -1)
    assert features == pytest.approx(np.concatenate([wet.mean(axis=-1), wet.std(axis=-1)], axis=1))


def test_hand_features_see_smoothing_and_ignore_land(reference):
    from scipy.ndimage import gaussian_filter

    features = HandFeatures.of(GRID, CHANNELS, reference.statistics)
    states = perfect(40, seed=4)
    smooth = gaussian_filter(states, (0, 0, 1, 1))
    assert frechet_distance(features(smooth), features(states)) > 5 * frechet_distance(
        features(perfect(40, seed=5)), features(states)
    )
    assert np.array_equal(features(np.where(GRID.mask, states, 7.0)), features(states))
