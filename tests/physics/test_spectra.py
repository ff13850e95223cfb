"""Spectra on windowed tiles."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from halocline.physics.spectra import TileSpectrum


def ocean(n=64):
    return np.ones((n, n), bool)


@pytest.mark.parametrize("cells", [4, 8, 16])
@pytest.mark.parametrize("angle", [0.0, 0.6, 1.2])
def test_a_sine_peaks_at_its_wavelength(cells, angle):
    spectrum = TileSpectrum.on(ocean(), 1e4, tile=32)
    x, y = np.meshgrid(np.arange(64), np.arange(64))
    wave = np.sin(2 * np.pi / cells * (np.cos(angle) * x + np.sin(angle) * y))
    power = spectrum.power(wave)
    assert spectrum.wavelengths[np.argmax(power)] == pytest.approx(cells * 1e4, rel=0.15)
    near = np.abs(spectrum.rings - 32 / cells) <= 2
    assert power[near].sum() > 0.98 * power.sum()


@settings(max_examples=20)
@given(st.integers(0, 100), st.sampled_from([8, 16]), st.booleans())
def test_power_adds_up_to_the_windowed_variance(seed, tile, coast):
    rng = np.random.default_rng(seed)
    mask = ocean(32)
    if coast:
        mask[:, :3] = False
    field = rng.standard_normal((32, 32)).cumsum(axis=0)
    spectrum = TileSpectrum.on(mask, 1.0, tile=tile)
    variances = []
    for (row, column), window in zip(spectrum.corners, spectrum.windows, strict=True):
        piece = field[row : row + tile, column : column + tile]
        mean = (window * piece).sum() / window.sum()
        variances.append((window**2 * (piece - mean) ** 2).sum() / (window**2).sum())
    assert spectrum.power(field).sum() == pytest.approx(np.mean(variances), rel=1e-6)


def test_white_noise_is_flat():
    field = np.random.default_rng(0).standard_normal((200, 64, 64))
    spectrum = TileSpectrum.on(ocean(), 1.0, tile=16)
    k = np.fft.fftfreq(16, 1 / 16)
    cells = np.bincount(np.rint(np.hypot(*np.meshgrid(k, k))).astype(int).ravel())
    density = spectrum.power(field).mean(axis=0) / cells * 256
    assert density[2:9] == pytest.approx(1.0, rel=0.03)


def test_values_on_land_change_nothing():
    mask = ocean(32)
    mask[10, 5:8] = False
    spectrum = TileSpectrum.on(mask, 1.0, tile=16, min_ocean=0.5)
    field = np.random.default_rng(1).standard_normal((32, 32))
    wild = np.where(mask, field, 1e6)
    holes = np.where(mask, field, np.nan)
    assert np.array_equal(spectrum.power(field), spectrum.power(wild))
    assert np.array_equal(spectrum.power(field), spectrum.power(holes))


def test_tiles_on_land_are_left_out():
    mask = ocean(64)
    mask[:, 32:] = False
    spectrum = TileSpectrum.on(mask, 1.0, tile=16)
    assert len(spectrum.corners) > 0
    assert spectrum.corners[:, 1].max() <= 32 - 16 + 4
    assert len(TileSpectrum.on(~ocean(), 1.0, tile=16).corners) == 0
