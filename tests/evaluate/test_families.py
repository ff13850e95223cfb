"""Maps, bounds, integrals and bands: known changes give known scores."""

import numpy as np
import pytest

from halocline.evaluate.ice.cover import IceCover
from halocline.evaluate.ice.families.bounds import BoundScores
from halocline.evaluate.ice.families.integrals import IntegralScores
from halocline.evaluate.ice.families.maps import MapScores
from halocline.evaluate.ice.families.spectra import SpectrumScores
from halocline.evaluate.ice.tiles import octaves, tiles_for
from halocline.physics.spectra import TileSpectrum
from tests.evaluate.toy_arctic import CHANNELS, GRID, perfect

AREA = GRID.area[GRID.mask]


def scores(family, a, b):
    found = family.scores(*(family.summary(x).mean(axis=0)[None] for x in (a, b)))[0]
    return {(label.score, label.variable, label.band): x for label, x in zip(family.labels, found, strict=True)}


def test_map_errors_are_area_weighted_over_the_ocean():
    a, b = perfect(12, seed=1), perfect(15, seed=2)
    found = scores(MapScores.around(GRID, CHANNELS, b), a, b)
    for k, name in enumerate(CHANNELS):
        x, y = a[:, k][:, GRID.mask].astype(np.float64), b[:, k][:, GRID.mask].astype(np.float64)
        mean = np.sqrt(np.average((x.mean(axis=0) - y.mean(axis=0)) ** 2, weights=AREA))
        std = np.sqrt(np.average((x.std(axis=0) - y.std(axis=0)) ** 2, weights=AREA))
        assert found["mean map error", name, ""] == pytest.approx(mean, rel=1e-3)
        assert found["standard-deviation map error", name, ""] == pytest.approx(std, rel=1e-3)


def test_bounds_count_planted_faults():
    states = perfect(4, seed=3)
    rows, columns = np.nonzero(GRID.mask)
    share = AREA[:10].sum() / AREA.sum() / 4  # ten cells of one of four states
    cells = (rows[:10], columns[:10])
    clean = scores(BoundScores(GRID, CHANNELS), states, states)
    assert clean["share out of bounds", "sic", ""] == 0
    assert clean["zero-set mismatch with sic", "sit", ""] == 0
    for k, value in ((0, -0.1), (1, 1.2), (2, -1e-6)):
        broken = states.copy()
        broken[0, k][cells] = value
        found = scores(BoundScores(GRID, CHANNELS), broken, states)
        assert found["share out of bounds", CHANNELS[k], ""] == pytest.approx(share)
    wet = states.copy()
    wet[0, 1][cells], wet[0, 0][cells], wet[0, 3][cells] = 0.0, 1.0, 0.1
    found = scores(BoundScores(GRID, CHANNELS), wet, states)
    assert found["zero-set mismatch with sic", "sit", ""] == pytest.approx(share)
    assert found["zero-set mismatch with sic", "siu", ""] == pytest.approx(share)
    ghost = states.copy()
    ghost[0, 1][cells], ghost[0, 0][cells] = 0.5, 0.0
    assert scores(BoundScores(GRID, CHANNELS), ghost, states)["zero-set mismatch with sic", "sit", ""] == (
        pytest.approx(share)
    )


def test_atoms_are_exact():
    states = perfect(3, seed=4)
    sic = states[:, 1][:, GRID.mask]
    found = scores(BoundScores(GRID, CHANNELS), states, states)
    lower = np.average((sic == 0).mean(axis=0), weights=AREA)
    assert found["share at the lower bound", "sic", ""] == pytest.approx(lower)
    nudged = states.copy()
    nudged[:, 1][states[:, 1] == 1.0] = np.float32(1) - np.float32(1e-6)
    assert scores(BoundScores(GRID, CHANNELS), nudged, states)["share at the upper bound", "sic", ""] == 0


def test_thicker_ice_moves_volume_and_its_distribution_by_the_same():
    states = perfect(30, seed=5)
    thick = states.copy()
    thick[:, 0] *= 1.1
    found = scores(IntegralScores.over(*(IceCover(part, GRID, CHANNELS) for part in (states, thick))), thick, states)
    volume = IceCover(states, GRID, CHANNELS).integrals["ice_volume"].mean()
    assert found["ice volume", "all", ""] == pytest.approx(1.1 * volume, rel=1e-5)
    assert found["ice volume, distribution distance", "all", ""] == pytest.approx(0.1 * volume, rel=0.02)
    assert found["ice extent, distribution distance", "all", ""] == pytest.approx(0.0, abs=1.0)


def test_bands_are_octaves_that_hold_every_ring_to_nyquist_once():
    for tile in (8, 16, 32):
        spectrum = TileSpectrum.on(np.ones((64, 64), bool), 1e5, tile=tile)
        members = np.stack([inside for _, _, inside in octaves(spectrum)])
        inside = (spectrum.rings >= 1) & (spectrum.rings <= tile // 2)
        assert np.array_equal(members.sum(axis=0), inside.astype(int))
        assert octaves(spectrum)[0][:2] == ("2_4", "200-400 km")


def test_power_ratios_square_the_amplitude_and_find_smoothing():
    from scipy.ndimage import gaussian_filter

    family = SpectrumScores(CHANNELS, tiles_for(GRID))
    states = perfect(10, seed=6)
    assert list(scores(family, 1.5 * states, states).values()) == pytest.approx([2.25] * len(family.labels), rel=1e-5)
    smooth = scores(family, gaussian_filter(states, (0, 0, 1, 1)), states)
    ratios = [ratio for (_, name, _), ratio in smooth.items() if name == "siu"]
    assert ratios[0] < 0.4
    assert ratios == sorted(ratios)
