"""Other cells: areas are exact, integrals stay, constants and bounds stay, arrows stay arrows, coasts are told."""

from dataclasses import replace

import numpy as np
import pytest
import xarray as xr

from halocline.data.grids.grid import Grid
from halocline.data.grids.levels import Vertical
from halocline.data.grids.projected import projected_grid
from halocline.data.grids.projection import EARTH_RADIUS, Plane
from halocline.data.grids.remap.axes import along_axes
from halocline.data.grids.remap.coarse import coarse
from halocline.data.grids.remap.conservative import conservative
from halocline.data.grids.remap.corners import cell_corners, on_sphere
from halocline.data.grids.remap.crop import crop
from halocline.data.grids.remap.overlap import areas_of, overlaps
from halocline.data.grids.topology import Topology
from halocline.runtime.errors import InputError
from halocline.worlds.arctic.domain import arctic_grid


def open_water(grid):
    return replace(grid, mask=np.ones(grid.shape, bool))


def geographic(step=2.0, south=-90.0):
    """A rectilinear grid round the globe."""
    lat, lon = np.arange(south + step / 2, 90, step), np.arange(step / 2, 360, step)
    y, x = np.meshgrid(lat, lon, indexing="ij")
    word = {"grid_mapping_name": "latitude_longitude"}
    mask = np.ones(y.shape, bool)
    return Grid(
        "geographic",
        lon,
        lat,
        y,
        (x + 180) % 360 - 180,
        0 * y,
        mask,
        np.nan,
        word,
        topology=Topology("closed", "periodic"),
    )


def curvilinear(n=60, step=1.5):
    """Bent cells around the pole, whose latitudes and longitudes alone are known."""
    i, j = np.meshgrid(np.arange(n) - n / 2, np.arange(n) - n / 2)
    x, y = (np.tan(np.deg2rad(step * (k + 0.1 * np.sin(m / 4)))) for k, m in ((i, j), (j, i)))
    lat, lon = np.rad2deg(np.arctan2(1, np.hypot(x, y))), np.rad2deg(np.arctan2(y, x))
    axis = np.arange(n, dtype=float)
    return Grid("curvilinear", axis, axis, lat, lon, np.nan * lat, np.ones((n, n), bool), np.nan, {})


def ease2(n=72, spacing=1e5):
    axis = (np.arange(n) - n / 2 + 0.5) * spacing
    return projected_grid("ease2", Plane.of("EPSG:6931"), axis, axis[::-1], np.ones((n, n), bool))


SOURCES = {
    "arctic": lambda: open_water(arctic_grid(50)),
    "geographic": geographic,
    "curved": curvilinear,
    "ease2": ease2,
}


@pytest.fixture(params=SOURCES)
def source(request):
    return SOURCES[request.param]()


def areas(grid):
    """Areas of the cells between their corners (y, x), m2."""
    return np.abs(areas_of(cell_corners(grid))).reshape(grid.shape) * EARTH_RADIUS**2


def test_the_areas_of_the_arctic_cells_are_those_between_their_corners():
    for resolution in (100, 50):
        grid = arctic_grid(resolution)
        np.testing.assert_allclose(areas(grid), grid.area, rtol=1e-9)


def test_a_geographic_grid_covers_the_globe_and_its_cells_hardly_bend():
    grid = geographic(1.0)
    assert areas(grid).sum() == pytest.approx(4 * np.pi * EARTH_RADIUS**2, rel=1e-12)
    edges = np.sin(np.deg2rad([grid.lat - 0.5, grid.lat + 0.5]))
    exact = EARTH_RADIUS**2 * np.deg2rad(1.0) * (edges[1] - edges[0])
    np.testing.assert_allclose(areas(grid), exact, rtol=6e-5)  # parallels as great circles


def test_two_partitions_of_the_globe_share_it_whole():
    one, other = cell_corners(geographic(5.0)), cell_corners(geographic(7.5))
    shared = overlaps(one, other)
    np.testing.assert_allclose(np.asarray(shared.sum(axis=1)).ravel(), np.abs(areas_of(other)), rtol=1e-10)
    np.testing.assert_allclose(np.asarray(shared.sum(axis=0)).ravel(), np.abs(areas_of(one)), rtol=1e-10)


def test_cells_that_are_not_convex_share_what_they_share():
    arrow = on_sphere(np.array([[0.0, 4, 0, 1]]), np.array([[0.0, 2, 4, 2]]))
    square = on_sphere(np.array([[-1.0, -1, 6, 6]]), np.array([[-1.0, 5, 5, -1]]))
    whole = abs(areas_of(arrow)[0])
    assert whole < abs(areas_of(arrow[:, :3])[0])
    assert overlaps(square, arrow)[0, 0] == pytest.approx(whole, rel=1e-10)
    assert overlaps(arrow[:, ::-1], square)[0, 0] == pytest.approx(whole, rel=1e-10)


def test_the_integral_stays(source):
    """Of a field that ends before the grid does; to a millionth and better, areas on the sphere."""
    target = open_water(arctic_grid(100))
    field = np.clip(1 - (90 - source.lat) / 20, 0, None) * (1 + 0.5 * np.sin(np.deg2rad(3 * source.lon)))
    remapped = conservative(source, target)(field[None].astype(np.float32), ["sit"])[0]
    before, after = (areas(source) * field).sum(), (target.area * remapped).sum(dtype=np.float64)
    assert after == pytest.approx(before, rel=1e-7)


def test_constants_and_bounds_stay_to_the_bit(source):
    regrid = conservative(source, arctic_grid(100))
    wet, ones = regrid.target.mask, np.ones(source.shape, np.float32)
    assert (regrid(ones[None], ["sic"])[0][wet] == 1).all()
    assert (regrid(0 * ones[None], ["sic"])[0] == 0).all()
    rough = np.random.default_rng(0).random(source.shape).astype(np.float32)
    edge = np.where(source.lat > 80, 1, np.where(source.lat < 70, 0, rough)).astype(np.float32)
    mixed = regrid(edge[None], ["sic"])[0]
    assert mixed.min() == 0
    assert mixed.max() == 1
    assert (mixed[wet & (regrid.target.lat > 84)] == 1).all()


def test_arrows_stay_arrows_over_the_pole(source):
    """Solid rotation about a tilted axis: at the pole eastward and northward mean nothing."""
    axis, target = np.array([0.6, 0.3, 0.2]), arctic_grid(100)

    def flow(grid):
        arrow = np.cross(axis, on_sphere(grid.lat, grid.lon))
        return np.stack([(arrow * along).sum(axis=-1) for along in along_axes(grid)])

    regrid = conservative(source, target)
    wet = regrid.target.mask & (target.lat > 72)
    found = regrid(flow(source).astype(np.float32), ["siu", "siv"])
    np.testing.assert_allclose(found[:, wet], flow(target)[:, wet], atol=6e-3)
    swapped = regrid(flow(source)[::-1].astype(np.float32), ["siv", "siu"])
    np.testing.assert_array_equal(swapped[::-1], found)


def test_bounds_of_a_file_count_before_our_own_rule():
    grid = geographic(10.0)
    lat = np.stack([grid.lat - 5, grid.lat - 5, grid.lat + 5, grid.lat + 5], axis=-1)
    lon = np.stack([grid.lon - 4, grid.lon + 6, grid.lon + 6, grid.lon - 4], axis=-1)
    dims = ("y", "x")
    told = xr.Dataset(
        {
            "lat": (dims, grid.lat, {"standard_name": "latitude", "bounds": "lat_b"}),
            "lon": (dims, grid.lon, {"standard_name": "longitude", "bounds": "lon_b"}),
            "lat_b": ((*dims, "k"), lat),
            "lon_b": ((*dims, "k"), lon),
        }
    )
    ours = cell_corners(grid)
    np.testing.assert_allclose(cell_corners(grid, told), on_sphere(lat, lon).reshape(-1, 4, 3))
    assert np.abs(cell_corners(grid, told) - ours).max() > 0.01
    elsewhere = told.assign(lon_b=told["lon_b"] + 90)
    np.testing.assert_array_equal(cell_corners(grid, elsewhere), ours)


def test_coasts_that_differ_and_a_domain_that_ends():
    target = arctic_grid(100)
    source = open_water(arctic_grid(50))
    source = replace(source, mask=source.lat < 86)  # land at the pole, where the target has ocean
    source = crop(source, "20:128,0:128").target
    filled, land = (conservative(source, target, coast=coast) for coast in ("fill", "land"))
    outside = np.zeros(target.shape, bool)
    outside[:10] = True
    polar = target.mask & (target.lat > 87)
    assert not filled.target.mask[outside].any()
    assert filled.target.mask[polar].all()
    assert not land.target.mask[polar].any()
    values = filled(np.broadcast_to(source.lat, (1, *source.shape)).astype(np.float32), ["sit"])[0]
    assert 84 < values[polar].min() <= values[polar].max() < 86.5
    assert any("nearest" in note for note in filled.notes)
    assert any("become land" in note and "mostly land" in note for note in land.notes)
    assert any(f"{int((target.mask & outside).sum())} of" in note and "outside" in note for note in filled.notes)


def test_land_weighs_nothing():
    """Whatever stands on land, NaN too."""
    source = geographic(2.0, south=40)
    source = replace(source, mask=(source.lon < 0) | (source.lat > 80))
    field = np.where(source.mask, 3.0, np.nan).astype(np.float32)
    regrid = conservative(source, arctic_grid(100))
    assert (regrid(field[None], ["sit"])[0][regrid.target.mask] == 3).all()


def test_levels_keep_their_heat_and_their_bottom():
    grid = geographic(2.0, south=40)
    bottom = np.where(grid.lon > 0, 3, 2)
    mask = np.arange(3)[:, None, None] < bottom
    thickness = np.where(mask, np.array([10.0, 20, 30])[:, None, None], 0)
    thickness[2] *= np.where(grid.lat > 70, 0.5, 1)  # partial bottom cells
    grid = replace(grid, vertical=Vertical(np.array([5.0, 20, 45]), thickness, mask))
    regrid = conservative(grid, open_water(arctic_grid(100)))
    found, wet = regrid.target, regrid.target.wet
    assert (wet[:2] == found.mask).all()
    np.testing.assert_array_equal(wet[2], found.mask & wet[2])
    assert wet[2][found.lon > 5].all()
    assert not wet[2][(found.lon < -5) & (found.lon > -175)].any()
    assert set(np.unique(found.thickness[2])) >= {0.0, 15.0, 30.0}
    names = [f"thetao_0{k}" for k in range(3)]
    states = np.where(mask, np.array([1.0, 2, 3])[:, None, None], np.nan).astype(np.float32)
    out = regrid(states, names)
    for k in range(3):
        assert (out[k][wet[k]] == k + 1).all()


def test_blocks_are_means_over_their_ocean():
    grid = arctic_grid(100)
    found = coarse(grid, 4)
    rng = np.random.default_rng(1)
    field = rng.random((2, 1, *grid.shape)).astype(np.float32)
    out = found(field, ["sit"])
    assert out.shape == (2, 1, 16, 16)
    y, x = np.argwhere(found.target.mask)[7]
    block = (slice(4 * y, 4 * y + 4), slice(4 * x, 4 * x + 4))
    weight = grid.area[block] * grid.mask[block]
    assert out[1, 0, y, x] == pytest.approx((weight * field[1, 0][block]).sum() / weight.sum(), rel=1e-6)
    assert found.target.area[y, x] == pytest.approx(grid.area[block].sum())
    ocean = [(grid.area * grid.mask)[4 * j : 4 * j + 4, 4 * i : 4 * i + 4].sum() for j in range(16) for i in range(16)]
    np.testing.assert_array_equal(found.target.mask.ravel(), np.array(ocean) >= 0.5 * found.target.area.ravel())
    assert (found.target.spacing, found.target.x[0]) == (4 * grid.spacing, grid.x[:4].mean())
    np.testing.assert_allclose(areas(found.target), found.target.area, rtol=4e-4)


def test_blocks_of_a_grid_without_a_projection_and_a_rest():
    grid = curvilinear(50)
    found = coarse(grid, 4)
    assert found.target.shape == (12, 12)
    assert any("2 rows and 2 columns" in note for note in found.notes)
    np.testing.assert_allclose(found.target.area.sum(), areas(grid)[:48, :48].sum(), rtol=1e-9)
    middle = on_sphere(grid.lat, grid.lon)[4:8, 8:12].mean(axis=(0, 1))
    at = on_sphere(found.target.lat, found.target.lon)[1, 2]
    np.testing.assert_allclose(at, middle / np.linalg.norm(middle), atol=1e-12)


@pytest.mark.parametrize("words", ["4:40,10:", "lat=70:90"])
def test_a_crop_is_a_rectangle(words):
    grid = arctic_grid(100)
    found = crop(grid, words)
    states = np.arange(2 * grid.mask.size, dtype=np.float32).reshape(2, *grid.shape)
    out = found(states, ["sit", "sic"])
    assert out.shape[1:] == found.target.shape != grid.shape
    at = int(states[0][0, 0]) + int(out[0, 0, 0])
    assert found.target.lat[0, 0] == grid.lat.ravel()[at]
    if words.startswith("lat"):
        assert (grid.mask & (grid.lat >= 70)).sum() == (found.target.mask & (found.target.lat >= 70)).sum()


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda g: crop(g, "4:80,0:10"), "crop '4:80,0:10'"),
        (lambda g: crop(g, "north"), "crop 'north'.*lat=50:90"),
        (lambda g: crop(g, "lat=-90:-70"), "no rectangle"),
        (lambda g: coarse(g, 1), "from 2 to 64"),
        (lambda g: coarse(g, 65), "65 x 65"),
        (lambda g: conservative(crop(geographic(2.0), "lat=-90:0").target, g), "no ocean cell that lies"),
        (lambda g: conservative(replace(g, lat=np.full(g.shape, np.nan)), g), "without latitude"),
    ],
)
def test_what_cannot_be_done_is_refused(make, words):
    with pytest.raises(InputError, match=f"(?s){words}"):
        make(arctic_grid(100))
