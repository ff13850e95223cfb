"""One kind of grid: levels of any shape, sides that meet, a fingerprint that survives single precision."""

import dataclasses
import json

import numpy as np
import pytest

from halocline.data.grids.compare import differences, moved_cells, same_cells
from halocline.data.grids.grid import Grid
from halocline.data.grids.levels import Vertical
from halocline.data.grids.topology import Topology
from halocline.runtime.errors import InputError
from halocline.systems.shipped import model_path
from halocline.worlds.arctic.domain import arctic_grid
from halocline.worlds.dino.geometry import make_geometry
from halocline.worlds.dino.grid import make_grid
from halocline.worlds.dino.presets import preset
from tests.ocean_toy import partial_steps, toy_columns, toy_dino_grid

PERIODIC = Topology(x="periodic")


def single(grid):
    """A grid as a file in single precision gives it back."""
    parts = {name: getattr(grid, name).astype(np.float32).astype(float) for name in ("lat", "lon", "area")}
    v = grid.vertical
    levels = [np.asarray(values, np.float32).astype(float) for values in (v.depth, v.thickness)] if v else []
    return dataclasses.replace(grid, vertical=Vertical(*levels, v.mask) if v else None, **parts)


@pytest.mark.parametrize("grid", [arctic_grid(100), toy_dino_grid(), partial_steps(toy_dino_grid())])
def test_a_copy_in_single_precision_is_the_same_grid(grid):
    assert (single(grid).area != grid.area).any()
    assert single(grid).fingerprint() == grid.fingerprint()
    assert same_cells(single(grid), grid)
    for name, factor in (("area", 1.001), ("lat", 0.999)):
        other = dataclasses.replace(grid, **{name: getattr(grid, name) * factor})
        assert other.fingerprint() != grid.fingerprint()
        assert differences(other, grid) == [name]
        assert moved_cells(other, grid).any()


def test_the_meridian_of_180_degrees_is_that_of_minus_180():
    grid = arctic_grid(100)
    assert (grid.lon == -180).any()
    eastern = dataclasses.replace(grid, lon=np.where(grid.lon == -180, 180.0, grid.lon))
    assert same_cells(eastern, grid)
    assert same_cells(grid, eastern)
    assert differences(dataclasses.replace(grid, lon=-grid.lon), grid) == ["lon"]


@pytest.mark.parametrize(
    ("model", "grid"),
    [("arctic-surrogate-100km", arctic_grid(100)), ("dino-R4", make_grid(make_geometry(preset("R4"))))],
)
def test_released_fingerprints_still_name_their_grids(model, grid):
    found = json.loads((model_path(model) / "card.json").read_text())["grid"]["fingerprint"]
    assert found != grid.fingerprint()
    assert grid.is_same_as(found)
    assert grid.is_same_as(grid.fingerprint())
    assert not dataclasses.replace(grid, area=1.01 * grid.area).is_same_as(found)


@pytest.mark.parametrize("topology", [Topology(), PERIODIC, Topology(y="folded", x="periodic")])
@pytest.mark.parametrize("make", [toy_dino_grid, lambda: partial_steps(toy_dino_grid())])
def test_levels_and_topology_survive_files_and_model_folders(make, topology):
    grid = dataclasses.replace(make(), topology=topology)
    dataset = grid.to_dataset()
    assert any("topology" in name for name in dataset.attrs) == (topology != Topology())
    for again in (Grid.from_dataset(dataset), Grid.from_arrays(grid.to_arrays(), grid.to_card())):
        assert again.topology == topology
        assert again.fingerprint() == grid.fingerprint()
        np.testing.assert_array_equal(again.thickness, grid.thickness)
        np.testing.assert_array_equal(again.depth[grid.wet], grid.depth[grid.wet])


def test_what_does_not_say_how_its_sides_meet_is_closed_and_the_same_cells():
    grid = dataclasses.replace(toy_dino_grid(), topology=PERIODIC)
    card = {key: value for key, value in grid.to_card().items() if key != "topology"}
    closed = Grid.from_arrays(grid.to_arrays(), card)
    assert closed.topology == Topology()
    assert same_cells(closed, grid)
    assert closed.fingerprint() != grid.fingerprint()
    assert grid.is_same_as(closed.fingerprint())


def test_the_dino_channel_is_periodic():
    grid = make_grid(make_geometry(preset("R8")))
    assert grid.topology.periodic == ("x",)
    assert (grid.mask[:, 0] & grid.mask[:, -1]).any()


def test_columns_of_which_nothing_else_is_known():
    grid = toy_columns(np.array([5.0, 20.0]), np.array([10.0, 20.0]), np.ones((2, 3, 4)))
    assert (grid.levels, grid.shape) == (2, (3, 4))
    assert grid.thickness[:, 0, 0].tolist() == [10.0, 20.0]
    with pytest.raises(InputError, match="area of the ocean cells"):
        grid.volume  # noqa: B018
    with pytest.raises(InputError, match="latitude of the ocean cells"):
        grid.known_latitude()


def test_partial_steps_are_the_local_thickness():
    whole, grid = toy_dino_grid(), partial_steps(toy_dino_grid())
    assert 0 < grid.volume.sum() < whole.volume.sum()
    assert (grid.interface_depth[0] == np.where(grid.mask, grid.thickness[0], 0.0)).all()
    nominal = grid.vertical.nominal_depth
    np.testing.assert_allclose(nominal[:2], whole.vertical.depth[:2])
    assert nominal[2] == pytest.approx(grid.depth[2][grid.wet[2]].mean())


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda v: Vertical(v.depth[:, None], v.thickness, v.mask), "levels of"),
        (lambda v: Vertical(v.depth, 0.0 * v.thickness, v.mask), "not positive"),
        (lambda v: Vertical(v.depth[::-1], v.thickness, v.mask), "surface at index 0"),
        (lambda v: Vertical(v.depth, v.thickness, 0 & v.mask), "no wet cell"),
        (lambda v: Vertical(np.broadcast_to(v.depth[::-1, None, None], v.mask.shape), v.thickness, v.mask), "index 0"),
        (lambda v: Topology(x="folded"), "along x.*'folded'"),
        (lambda v: Topology(y="open"), "along y.*'open'"),
    ],
)
def test_wrong_levels_and_topologies_are_refused(make, words):
    with pytest.raises(InputError, match=f"(?s){words}"):
        make(toy_dino_grid().vertical)
