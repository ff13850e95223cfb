"""The polar stereographic plane: round trip, true scale, areas, vectors."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from halocline.data.grids.projection import EARTH_RADIUS, PolarStereographic

PLANE = PolarStereographic()


@given(st.floats(40, 89.9), st.floats(-180, 179.9))
def test_round_trip(lat, lon):
    again = PLANE.inverse(*PLANE.forward(lat, lon))
    np.testing.assert_allclose(again[0], lat, atol=1e-9)
    assert abs((again[1] - lon + 180) % 360 - 180) < 1e-7


def test_true_scale_at_75_north():
    assert abs(PLANE.scale(75.0) - 1) < 1e-12
    x = np.hypot(*PLANE.forward(75.0, 10.0)) - np.hypot(*PLANE.forward(75.01, 10.0))
    np.testing.assert_allclose(x, np.deg2rad(0.01) * EARTH_RADIUS, rtol=1e-3)


def test_cell_areas_sum_to_the_spherical_cap():
    """Cells of the plane with area dx^2 / k^2 must add up to the cap north of 70N on the sphere."""
    x = (np.arange(800) - 399.5) * 6e3
    lat, _ = PLANE.inverse(*np.meshgrid(x, x))
    area = ((6e3 / PLANE.scale(lat)) ** 2)[lat > 70].sum()
    cap = 2 * np.pi * EARTH_RADIUS**2 * (1 - np.sin(np.deg2rad(70)))
    np.testing.assert_allclose(area, cap, rtol=1e-3)


@given(st.floats(50, 89), st.floats(-180, 180), st.floats(-20, 20), st.floats(-20, 20))
def test_rotation_follows_the_displacement_of_points(lat, lon, east, north):
    """A small step east and north, projected, must point where the rotated vector points."""
    step = 1e-5
    moved = PLANE.forward(lat + np.rad2deg(north * step), lon + np.rad2deg(east * step / np.cos(np.deg2rad(lat))))
    here = PLANE.forward(lat, lon)
    u, v = PLANE.rotate_to_grid(east, north, lon)
    scale = PLANE.scale(lat) * EARTH_RADIUS * step
    np.testing.assert_allclose([moved[0] - here[0], moved[1] - here[1]], [u * scale, v * scale], atol=0.02 * scale * 28)
    np.testing.assert_allclose(PLANE.rotate_to_east_north(u, v, lon), (east, north), atol=1e-9)
