"""Power per mode: white noise has 1 at every wavelength, wherever it is looked at."""

import numpy as np
import pytest

from halocline.physics.mode_power import ModePower

RANDOM = np.random.default_rng(0)


@pytest.mark.parametrize("shape", [(64, 64), (48, 32)])
def test_white_noise_has_power_one_at_all_wavelengths(shape):
    fields = RANDOM.standard_normal((40, 2, *shape)) * np.array([1.0, 3.0])[:, None, None]
    power = ModePower.of(fields, np.ones((1, *shape)), np.ones((1, 1, *shape), bool))
    counted = power.count * power.power / np.array([[1.0], [9.0]])
    for limits in ((0.0, 4.0), (4.0, 8.0), (8.0, 16.0), (16.0, np.inf)):
        band = power.band(*limits)
        np.testing.assert_allclose(counted[:, band].sum(axis=1) / power.count[band].sum(), 1.0, rtol=0.08)
    assert power.count.sum() == pytest.approx(np.pi * 8**2, rel=0.15)  # a disc of modes in a tile of 16 x 16


def test_land_and_what_lies_outside_do_not_enter():
    fields = RANDOM.standard_normal((60, 1, 64, 64))
    mask = np.ones((1, 64, 64))
    mask[:, :, 40:] = 0
    inside = np.zeros((60, 1, 64, 64), bool)
    inside[:30, :, :24, :24] = True
    fields[30:] *= 10.0  # states without a tile inside
    power = ModePower.of(fields * mask, mask, inside)
    band = power.band(0.0, 4.0)
    np.testing.assert_allclose((power.count * power.power)[0, band].sum() / power.count[band].sum(), 1.0, rtol=0.1)
    assert power.tiles.tolist() == [30 * 9]


def test_a_level_without_room_has_no_power_and_a_plane_without_none():
    fields, mask = RANDOM.standard_normal((3, 2, 24, 24)), np.ones((2, 24, 24))
    inside = np.ones((1, 2, 24, 24), bool)
    inside[:, 1, 4::5] = False
    power = ModePower.of(fields, mask, inside)
    assert np.isfinite(power.power[0]).all()
    assert np.isnan(power.power[1]).any()
    assert ModePower.of(fields, mask, inside[:, 1:]) is None
