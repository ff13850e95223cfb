"""Lines are told from noise and from a wash: coherence, connected parts, power of tiles."""

import numpy as np
import pytest
from scipy.ndimage import gaussian_filter

from halocline.physics.parts import connected_parts
from halocline.physics.spectra import TileSpectrum
from halocline.physics.texture import coherence
from halocline.physics.tiles import BandPower, count_in_tiles, tiles_of

RANDOM = np.random.default_rng(3)
INSIDE = np.s_[..., 4:-4, 4:-4]


def test_a_line_has_one_orientation_and_white_noise_has_none():
    y, x = np.mgrid[:40, :40]
    for angle in (0.0, 0.4, 1.3):
        across = x * np.cos(angle) + y * np.sin(angle)
        c, size = coherence(np.sin(0.5 * across))
        assert c[INSIDE].min() > 0.98
        assert size[INSIDE].min() > 0.1
    noise = RANDOM.normal(size=(20, 60, 60))
    assert coherence(noise)[0][INSIDE].mean() == pytest.approx(0.25, abs=0.01)
    assert coherence(gaussian_filter(noise, (0, 4, 4)))[0][INSIDE].mean() > 0.7


def test_coherence_knows_no_unit_and_no_turn_and_is_0_where_all_is_flat():
    field = RANDOM.normal(size=(30, 30))
    c, size = coherence(field)
    for other, factor in ((7.0 * field - 3.0, 7.0), (np.rot90(field), 1.0)):
        found = coherence(other)
        turned = (c, size) if factor == 7.0 else (np.rot90(c), np.rot90(size))
        np.testing.assert_allclose(found[0][INSIDE], turned[0][INSIDE], atol=1e-9)
        np.testing.assert_allclose(found[1][INSIDE], factor * turned[1][INSIDE])
    assert coherence(np.full((9, 9), 2.0, np.float32))[0].max() == 0.0


def test_parts_are_as_long_and_wide_as_they_were_drawn():
    cells = np.zeros((3, 30, 30), bool)
    cells[0, 5, 3:15] = True  # 12 x 1
    cells[0, 20:22, 4:8] = True  # 4 x 2
    diagonal = np.arange(6)
    cells[1, 10 + diagonal, 10 + diagonal] = True  # touches at corners alone
    cells[2, 2, 2] = True
    parts = connected_parts(cells, np.full((30, 30), 4e8))  # cells of 20 km
    assert parts.sample.tolist() == [0, 0, 1, 2]
    assert (parts.area / 4e8).tolist() == [12, 8, 6, 1]
    assert (parts.length / 2e4)[[0, 2, 3]].tolist() == pytest.approx([12, 5 * np.sqrt(2) + 1, 1])
    assert (parts.width / 2e4)[0] == pytest.approx(1.0)
    assert parts.elongation.tolist() == pytest.approx([11 / 12, 0.5, 1 - np.sqrt(1 / 71), 0.0])
    assert len(connected_parts(np.zeros((2, 8, 8), bool), np.ones((8, 8))).area) == 0


def test_parts_of_different_states_never_touch():
    cells = np.ones((4, 5, 5), bool)
    assert connected_parts(cells, np.ones((5, 5))).area.tolist() == [25.0] * 4


def test_power_by_a_matrix_is_that_of_the_spectrum():
    spectrum = TileSpectrum.on(np.ones((8, 8), bool), 1e5, tile=8)
    rings = np.stack([np.isin(spectrum.rings, (3, 4)), np.isin(spectrum.rings, (1, 2))])
    fields = RANDOM.normal(size=(5, 8, 8)) + 100.0
    expected = spectrum.power(fields) @ rings.T
    np.testing.assert_allclose(BandPower.of(spectrum, rings)(fields), expected, rtol=1e-3)


def test_cells_are_counted_in_the_tiles_that_are_cut_out():
    cells = RANDOM.random((3, 19, 14)) < 0.4
    for tile in (4, 8):
        np.testing.assert_array_equal(count_in_tiles(cells, tile), tiles_of(cells, tile).sum(axis=(-2, -1)))
