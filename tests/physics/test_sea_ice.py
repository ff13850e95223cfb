"""Integrals of analytic ice covers."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from halocline.physics import sea_ice


def disc(n, spacing, inner, outer):
    """Concentration 1 within ``inner``, falling linearly to 0 at ``outer`` (metres), on an n x n plane."""
    axis = (np.arange(n) - n / 2 + 0.5) * spacing
    radius = np.hypot(*np.meshgrid(axis, axis))
    return np.clip((outer - radius) / (outer - inner), 0.0, 1.0)


def plane(n, spacing):
    return np.full((n, n), spacing**2), np.ones((n, n), bool)


def test_integrals_of_a_disc():
    n, spacing, inner, outer = 400, 1e4, 1.0e6, 1.4e6
    area, mask = plane(n, spacing)
    sic = disc(n, spacing, inner, outer)
    edge, pack = outer - 0.15 * (outer - inner), outer - 0.80 * (outer - inner)
    assert sea_ice.extent(sic, area, mask) == pytest.approx(np.pi * edge**2, rel=2e-3)
    assert sea_ice.miz_area(sic, area, mask) == pytest.approx(np.pi * (edge**2 - pack**2), rel=5e-3)
    cone = np.pi / 3 * (inner**2 + inner * outer + outer**2)
    assert sea_ice.ice_area(sic, area, mask) == pytest.approx(cone, rel=1e-3)
    assert sea_ice.volume(2.0 * sic, area, mask) == pytest.approx(2.0 * cone, rel=1e-3)


@pytest.mark.parametrize(("inner", "outer"), [(0.6e6, 1.0e6), (1.0e6, 1.4e6), (0.5e6, 1.5e6)])
def test_marginal_ice_zone_of_a_disc_has_the_width_of_its_ring(inner, outer):
    n, spacing = 400, 1e4
    area, mask = plane(n, spacing)
    sic = disc(n, spacing, inner, outer)
    edge, pack = outer - 0.15 * (outer - inner), outer - 0.80 * (outer - inner)
    assert sea_ice.miz_length(sic, area, mask) == pytest.approx(np.pi * (edge + pack), rel=1e-2)
    assert sea_ice.miz_width(sic, area, mask) == pytest.approx(edge - pack, rel=1e-2)


def test_width_does_not_depend_on_the_resolution():
    widths = []
    for n in (100, 200, 400):
        spacing = 4e6 / n
        widths.append(sea_ice.miz_width(disc(n, spacing, 0.8e6, 1.4e6), *plane(n, spacing)))
    assert widths == pytest.approx([0.65 * 0.6e6] * 3, rel=0.03)


def test_a_straight_edge_sharper_than_a_cell_has_its_length_and_no_width():
    area, mask = plane(20, 1e4)
    sic = np.zeros((20, 20))
    sic[:, :10] = 1.0
    assert sea_ice.miz_length(sic, area, mask) == pytest.approx(19e4)
    assert sea_ice.miz_width(sic, area, mask) == 0.0


def test_a_coast_is_no_ice_edge():
    area, mask = plane(20, 1e4)
    mask[:, 10:] = False
    sic = np.where(mask, 1.0, 0.0)
    assert sea_ice.miz_length(sic, area, mask) == 0.0
    assert sea_ice.miz_width(sic, area, mask) == 0.0


@given(st.floats(0, 1), st.floats(0, 1), st.integers(0, 3))
def test_land_never_enters(a, b, seed):
    rng = np.random.default_rng(seed)
    sic = rng.random((2, 6, 7))
    mask = rng.random((6, 7)) > 0.3
    area = rng.random((6, 7)) + 0.5
    other = np.where(mask, sic, np.where(rng.random((2, 6, 7)) > 0.5, a, b))
    for measure in (sea_ice.extent, sea_ice.ice_area, sea_ice.miz_area, sea_ice.miz_width):
        assert measure(sic, area, mask) == pytest.approx(measure(other, area, mask), abs=1e-12)
