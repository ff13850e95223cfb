"""The ocean store: levels as channels, dry cells apart, splits by member, parameters beside."""

import dataclasses

import numpy as np
import pytest
from typer.testing import CliRunner

from halocline.cli.main import app
from halocline.constraints.named.stability import MinimumChange
from halocline.data.fields.layout import Layout
from halocline.data.fields.variables import channel_variable
from halocline.data.files.ocean import ocean_states
from halocline.data.files.states import open_states
from halocline.data.grids.grid import Grid
from halocline.data.grids.grid_layout import GridLayout
from halocline.data.grids.levels import Vertical
from halocline.data.store.members import MemberTable
from halocline.data.store.splits import samples_of
from halocline.data.store.store import open_store
from halocline.data.store.writer import StoreWriter, create_store, cut_mantissa, mantissa_bits
from halocline.runtime.errors import InputError, StoreError
from tests.ocean_toy import toy_dino_grid, toy_dino_sample, toy_dino_table, toy_ocean


def test_channel_names_are_levels_of_variables():
    assert channel_variable("thetao_07")[0].name == "thetao"
    assert channel_variable("thetao_07")[1] == 7
    assert channel_variable("zos") == (channel_variable("zos")[0], None)
    assert len(Layout.ocean(15).channels) == 31
    with pytest.raises(InputError, match="no such variable"):
        channel_variable("zos_00")


def test_grid_with_levels_survives_and_its_fingerprint_covers_them():
    grid = toy_dino_grid()
    again = Grid.from_dataset(grid.to_dataset())
    assert again.fingerprint() == grid.fingerprint()
    np.testing.assert_array_equal(again.vertical.mask, grid.vertical.mask)
    assert again.fingerprint() == grid.fingerprint()
    flat = dataclasses.replace(grid, vertical=None)
    thicker = dataclasses.replace(grid.vertical, thickness=grid.vertical.thickness * 1.01)
    assert len({g.fingerprint() for g in (grid, flat, dataclasses.replace(grid, vertical=thicker))}) == 3
    assert grid.to_dataset()["y"].attrs["units"] == "degrees_north"


def test_what_is_written_is_read_and_dry_cells_are_apart(ocean_store):
    grid, table = toy_dino_grid(), toy_dino_table()
    wet = GridLayout(ocean_store.layout, grid).wet
    assert 0 < wet[4].sum() < wet[0].sum()
    sample = toy_dino_sample(grid, table, 2, 90, 3)
    np.testing.assert_array_equal(ocean_store.read(2, 3), np.nan_to_num(sample))


def test_statistics_are_of_wet_cells_of_training_members(ocean_store):
    pairs = samples_of(ocean_store, "train")
    assert {member for member, _ in pairs} == {0, 1, 2}
    fields = np.stack([ocean_store.read(*pair) for pair in pairs]).astype(np.float64)
    for k, name in enumerate(ocean_store.channels):
        values = fields[:, k][:, ocean_store.wet[k]]
        assert ocean_store.statistics[name]["mean"] == pytest.approx(values.mean(), rel=1e-10)
        assert ocean_store.statistics[name]["std"] == pytest.approx(values.std(ddof=1), rel=1e-10)


def test_calendar_table_and_roles_survive(ocean_store):
    table = toy_dino_table()
    np.testing.assert_array_equal(ocean_store.parameters["t_star"], table.values[:, 1])
    assert ocean_store.roles == table.roles
    assert ocean_store.years().tolist() == [0] * 12 + [1] * 12
    assert [ocean_store.day_of_year(k) for k in (0, 3, 15)] == [0.0, 90.0, 90.0]
    assert {m for m, _ in samples_of(ocean_store, "test")} == {4, 5}


def test_ocean_values_keep_every_bit_because_fewer_would_turn_columns_over():
    grid = toy_dino_grid()
    constraint = MinimumChange(GridLayout.ocean(grid), reference="both")
    states = constraint.project(toy_ocean(grid, members=4, noise=1.0, dtype=np.float32))
    assert constraint.residual(states).max() == 0
    assert mantissa_bits("so_03") == 23
    assert constraint.residual(cut_mantissa(states, 23)).max() == 0
    assert constraint.residual(cut_mantissa(states, 16)).max() > 0


def test_states_open_with_depth_parameters_and_roles(ocean_store_path):
    dataset = open_states(ocean_store_path)
    assert dataset["thetao"].dims == ("member", "time", "depth", "y", "x")
    assert dataset["zos"].dims == ("member", "time", "y", "x")
    assert dataset["wind_stress"].attrs["units"] == "N m-2"
    assert dataset["role"].values.tolist()[-1] == "end"
    assert dataset["time"].values[3].isoformat() == "2000-04-01T00:00:00"
    one = ocean_states(dataset.isel(time=0))
    assert one.states.shape == (6, 11, 8, 8)
    assert one.layout.grid.fingerprint() == toy_dino_grid().fingerprint()


def test_inspect_tells_levels_parameters_and_roles(ocean_store_path):
    result = CliRunner().invoke(app, ["inspect", str(ocean_store_path)])
    assert result.exit_code == 0, result.output
    for word in (
        "levels 5",
        "depth 10 to 460 m",
        "wind_stress",
        "train 3, validation 1, interior 1, end 1",
        "thetao_04",
    ):
        assert word in " ".join(result.output.split())


def test_wrong_levels_calendars_tables_and_values_are_refused(tmp_path):
    grid, hours = toy_dino_grid(), np.arange(0, 8640, 720)
    with pytest.raises(InputError, match="6"):
        create_store(tmp_path / "a.zarr", grid, Layout.ocean(6).channels, 1, hours, {})
    with pytest.raises(StoreError, match="all 5 levels"):
        create_store(tmp_path / "b.zarr", grid, ("thetao_00", "thetao_02"), 1, hours, {})
    with pytest.raises(InputError, match="lunar"):
        create_store(tmp_path / "c.zarr", grid, Layout.ocean(5).channels, 1, hours, {}, calendar="lunar")
    with pytest.raises(StoreError, match="6 members"):
        create_store(tmp_path / "d.zarr", grid, Layout.ocean(5).channels, 2, hours, {}, members_table=toy_dino_table())
    with pytest.raises(InputError, match="role"):
        MemberTable(("a",), ("1",), np.zeros((1, 1)), ("trains",))
    v = grid.vertical
    with pytest.raises(InputError, match="below a dry one"):
        Vertical(v.depth, v.thickness, v.mask[::-1])
    create_store(tmp_path / "e.zarr", grid, Layout.ocean(5).channels, 1, hours, {})
    with pytest.raises(StoreError, match="unfinished"):
        open_store(tmp_path / "e.zarr")
    values = np.nan_to_num(toy_dino_sample(grid, toy_dino_table(), 0, 0))
    values[4, 4, 4] = np.nan
    with pytest.raises(StoreError, match="not finite"):
        StoreWriter(tmp_path / "e.zarr").write(0, 0, values)
