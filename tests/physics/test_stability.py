"""Density error and water masses on columns whose answer is known."""

import numpy as np
import pytest

from halocline.physics import water_masses as wm
from halocline.physics.eos import DINO_EOS
from halocline.physics.stability import density_error, density_jumps, parse_reference, violation_share
from halocline.runtime.errors import ConfigError, InputError
from tests.ocean_toy import toy_columns, toy_ocean_grid


def column(thickness, thetao, so=None, **options):
    h = np.asarray(thickness, float)
    grid = toy_columns(
        np.cumsum(h) - h / 2, h, np.ones((len(h), 1, 1), bool), positive="down", area=np.full((1, 1), 2.0), **options
    )
    t = np.asarray(thetao, float)[:, None, None]
    return grid, t, np.full_like(t, 35.0) if so is None else np.asarray(so, float)[:, None, None]


def test_a_violation_is_charged_the_volume_of_the_lower_cell():
    grid, t, s = column([10, 20, 30, 40], [10, 9, 9.5, 8])  # the third cell is lighter than the second above it
    assert density_error(t, s, grid, DINO_EOS) == pytest.approx(100 * 30 / 100)


def test_tolerance_and_strictness():
    per_kelvin = -DINO_EOS.derivatives(10.0, 35.0, 0.0)[0]
    for drop, expected in ((5e-5, (50, 0, 0, 0)), (5e-4, (50, 50, 0, 0)), (5e-3, (50, 50, 50, 0)), (0.0, (0, 0, 0, 0))):
        grid, t, s = column([10, 10], [10, 10 + drop / per_kelvin])
        errors = tuple(density_error(t, s, grid, DINO_EOS, tolerance=x) for x in (0, 1e-4, 1e-3, 1e-2))
        assert errors == expected


def test_the_reference_decides_between_cold_fresh_and_warm_salty_water():
    """Thermobaricity: cold fresh water under warm salty water can be lighter at the surface and denser at depth."""
    t = np.array([4.0, 1.0])
    cold, warm = (-DINO_EOS.density(x, 35.0, 1000.0) for x in t[::-1])
    s = np.array([35.0, 35.0 + (cold - warm) / 0.76554 + 1e-2])  # denser by 0.008 at 1000 m
    grid, t, s = column([1000, 1000], t, s)
    assert density_jumps(t, s, grid, DINO_EOS, "local")[0, 0, 0] > 0
    assert density_jumps(t, s, grid, DINO_EOS, 0.0)[0, 0, 0] < 0
    assert density_error(t, s, grid, DINO_EOS, reference="local") == 0
    assert density_error(t, s, grid, DINO_EOS) == 50
    jumps = density_jumps(t, s, grid, DINO_EOS, "both")
    np.testing.assert_array_equal(jumps, density_jumps(t, s, grid, DINO_EOS, 0.0))


def test_dry_cells_are_no_violations_and_no_volume():
    grid = toy_ocean_grid()
    t = np.where(grid.wet, 10 - 0.002 * grid.depth, 0.0)  # zeros on land, as in NEMO files
    s = np.where(grid.wet, 35.0, 0.0)
    jumps = density_jumps(t, s, grid, DINO_EOS, 0.0)
    assert np.isfinite(jumps).sum() == grid.wet[1:].sum()
    assert violation_share(jumps) == 0
    assert density_error(np.stack([t, 20 * grid.wet - t]), s, grid, DINO_EOS).tolist() == [
        0.0,
        pytest.approx(100 * grid.volume[1:].sum() / grid.volume.sum()),
    ]


@pytest.mark.parametrize(
    ("depth", "positive", "words"),
    [
        ([5.0, 20.0], None, "no attribute 'positive'"),
        ([-20.0, -5.0], "up", "from the bottom"),
        ([20.0, 5.0], "down", "from the bottom"),
        ([-5.0, -20.0], "down", "values from"),
        ([5.0, 20.0], "up", "values from"),
        ([5.0, 5.0], "down", "neither rise nor fall"),
        ([5.0, np.nan], "down", "not finite"),
        ([5.0, 20.0], "north", "positive = 'north'"),
    ],
)
def test_the_order_of_levels_is_never_guessed(depth, positive, words):
    with pytest.raises(InputError, match=words):
        toy_columns(np.array(depth), np.array([10.0, 20.0]), np.ones((2, 1, 1)), positive=positive)


def test_heights_from_the_surface_down_are_depths():
    mask = np.ones((2, 1, 1), bool)
    a = toy_columns(np.array([-5.0, -20.0]), np.array([10.0, 20.0]), mask, positive="up")
    b = toy_columns(np.array([5.0, 20.0]), np.array([10.0, 20.0]), mask, positive="down")
    assert a.fingerprint() == b.fingerprint()
    np.testing.assert_array_equal(a.depth[:, 0, 0], [5, 20])
    np.testing.assert_array_equal(a.interface_depth[:, 0, 0], [10])


def test_masks_thickness_and_latitude_are_checked():
    def build(mask=((1,), (1,)), thickness=(10.0, 20.0), **options):
        toy_columns(np.array([5.0, 20.0]), np.array(thickness), np.array(mask)[..., None], positive="down", **options)

    with pytest.raises(InputError, match="wet cells below a dry one"):
        build(mask=((0,), (1,)))
    with pytest.raises(InputError, match="thickness is not positive"):
        build(thickness=(10.0, 0.0))
    with pytest.raises(InputError, match="values from 95"):
        build(lat=np.array([[95.0]]))
    with pytest.raises(InputError, match="row numbers"):
        build(mask=np.ones((2, 4)), lat=np.arange(4.0)[:, None])
    grid = toy_columns(np.array([5.0]), np.array([10.0]), np.ones((1, 1, 1)), positive="down")
    with pytest.raises(InputError, match="area of the ocean cells"):
        grid.known_area()
    with pytest.raises(InputError, match="latitude of the ocean cells"):
        grid.known_latitude()


def test_boxes_are_complements_by_true_latitude():
    grid = toy_ocean_grid(levels=14)
    deep, bottom = wm.DEEP_WATER.cells(grid), wm.BOTTOM_WATER.cells(grid)
    assert deep.any()
    assert (np.abs(np.broadcast_to(grid.lat, deep.shape)[deep]) < 30).all()
    assert ((grid.depth[deep] > 500) & (grid.depth[deep] < 3000)).all()
    upper = (grid.depth <= 500) & (np.abs(grid.lat) < 30) & grid.wet
    np.testing.assert_array_equal(deep | bottom | upper, grid.wet)
    assert not (deep & bottom).any()


def test_references_are_parsed():
    assert [parse_reference(x) for x in ("local", "both", "surface", "2000")] == ["local", "both", 0.0, 2000.0]
    for wrong in ("bottom", "-5", "nan"):
        with pytest.raises(ConfigError, match="'local', 'surface'"):
            parse_reference(wrong)
