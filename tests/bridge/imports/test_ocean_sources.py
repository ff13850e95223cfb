"""Each trap of the table is converted, asked for or refused by name; real files where they are present."""

from pathlib import Path

import numpy as np
import pytest
import xarray as xr

from halocline.bridge.sources.base import SOURCES
from halocline.data.reading.choices import AS_THE_FILE_SAYS, Choices
from halocline.data.reading.notes import Notes
from halocline.data.reading.read import read_states
from halocline.data.reading.times import time_axis
from halocline.data.reading.work import Work
from halocline.runtime.errors import InputError
from tests.bridge.imports import ocean_products as make
from tests.bridge.imports.ocean_traps import TRAPS, table
from tests.bridge.nemo.toy_nemo import field_data

DOCS = Path(__file__).parents[3] / "docs" / "howto" / "data" / "import-ocean.md"


def read(source, files, choices=AS_THE_FILE_SAYS):
    """All parts of some files, read, one after the other along time."""
    kind, notes = SOURCES[source], Notes()
    found = []
    for part in kind.parts(files):
        slab = kind.tidy(kind.open(part)).load()
        reading = read_states(slab, group=kind.group, choices=choices, source=part.files[0].name)
        notes.extend(reading.notes)
        found.append(reading)
    return found, notes


@pytest.mark.parametrize("trap", TRAPS, ids=[f"{t.source}: {t.trap}" for t in TRAPS])
def test_traps(trap, tmp_path):
    files = trap.files(tmp_path)
    if trap.outcome in ("refused", "asked for"):
        with pytest.raises(InputError, match=f"(?s){trap.words}"):
            read(trap.source, files, trap.choices)
        return
    found, notes = read(trap.source, files, trap.choices)
    assert any(trap.words in line for line in notes.lines()), notes.lines()
    true, packed = make.truth(), 2e-3 if trap.source == "glorys" else 1e-5
    river = "river" in trap.trap
    for name in ("thetao", "so", "zos"):
        ours = np.concatenate([r.dataset[name].values for r in found])
        expected = true[name][: len(ours)]
        if river and name == "so":
            expected[:, 0, 3, 3] = 1.5
        np.testing.assert_allclose(ours, expected, atol=packed)
    if not trap.choices.layer_thickness:
        grid = found[0].grid
        np.testing.assert_array_equal(grid.wet, make.GRID.wet)
        np.testing.assert_allclose(grid.lat, make.GRID.lat, atol=1e-5)
        close = 0.1 if "mean of the records" in trap.words else 1e-6
        np.testing.assert_allclose(grid.thickness, make.GRID.thickness, rtol=close)


def test_the_table_of_the_docs_is_this_one():
    assert table() in DOCS.read_text(), table()


def test_each_record_has_its_own_thickness(tmp_path):
    found, _ = read("nemo", [make.xios(tmp_path / "X_grid_T.nc"), make.mesh(tmp_path / "mesh_mask.nc")])
    np.testing.assert_allclose(
        found[0].dataset["thickness_of_record"].values[:, make.GRID.wet], make.THICKNESS[:, make.GRID.wet]
    )


def test_means_are_dated_by_the_middle_and_restarts_by_their_day(tmp_path):
    stamped = next(t for t in TRAPS if "stamped" in t.trap).files(tmp_path)
    (means,), _ = read("nemo", stamped)
    axis = time_axis(means.dataset, Work("it", "ocean", Choices(), None))
    assert [str(d) for d in axis.dates] == ["2001-01-01 00:00:00", "2001-01-02 00:00:00"]
    (reading,), _ = read("nemo", [make.restart(tmp_path / "a_restart.nc"), make.mesh(tmp_path / "mesh_mask.nc")])
    axis = time_axis(reading.dataset, Work("it", "ocean", Choices(), None))
    assert [str(d) for d in axis.dates] == ["2001-01-06 00:00:00"]


def test_teos10_is_converted_if_asked(tmp_path):
    gsw = pytest.importorskip("gsw")
    files = [make.xios(tmp_path / "X_grid_T.nc"), make.mesh(tmp_path / "mesh_mask.nc")]
    true, depth, lat = make.truth(), make.GRID.depth, make.GRID.lat
    pressure = gsw.p_from_z(-depth, lat)
    absolute = gsw.SA_from_SP(true["so"], pressure, make.GRID.lon, lat)
    conservative = gsw.CT_from_pt(absolute, true["thetao"])

    def teos10(dataset):
        dataset["toce"] = dataset["toce"].copy(data=conservative).assign_attrs(long_name="conservative temperature")
        dataset["soce"] = dataset["soce"].copy(data=absolute).assign_attrs(units="g kg-1")
        return dataset

    make.changed(files[0], teos10)
    found, notes = read("nemo", files, Choices(teos10="convert"))
    np.testing.assert_allclose(found[0].dataset["thetao"].values, true["thetao"], atol=1e-6)
    np.testing.assert_allclose(found[0].dataset["so"].values, true["so"], atol=1e-6)
    assert any("by gsw" in line for line in notes.told())


def real(*names):
    paths = [field_data(name) for name in names]
    return pytest.mark.skipif(None in paths, reason="no field data"), paths


STATES, DINO2 = real("nemo-dino/dino2_states.nc", "nemo-dino/dino2_mesh_mask.nc")
OUTPUT, DINO4 = real(
    "nemo-dino/DINO4_5d_00010101_00010110_grid_T.nc",
    "nemo-dino/DINO4_00005760_restart.nc",
    "nemo-dino/mesh_mask_4deg.nc",
)
GYRE_MESHES = [f"nemo-gyre/5.0/four-processes/mesh_mask_000{k}.nc" for k in range(4)]
GYRE, GYRE5 = real("nemo-gyre/5.0/GYRE_1y_00010101_00011230_grid_T.nc", "nemo-gyre/5.0/mesh_mask.nc", *GYRE_MESHES)


@STATES
def test_monthly_states_of_a_real_nemo():
    (reading,), _ = read("nemo", DINO2)
    grid = reading.grid
    assert grid.wet.shape == (36, 101, 27)
    assert grid.topology.x == "periodic"
    assert 3 < float(reading.dataset["thetao"].min()) < float(reading.dataset["thetao"].max()) < 27
    axis = time_axis(reading.dataset, Work("it", "ocean", Choices(), None))
    assert axis.calendar == "360_day"
    assert len(axis.hours) == 48


@OUTPUT
def test_output_and_restart_of_a_real_nemo_without_xios():
    output, restart, mesh = DINO4
    (weighted,), notes = read("nemo", [output, mesh])
    (state,), _ = read("nemo", [restart, mesh])
    assert any("divided by the thickness" in line for line in notes.lines())
    for name, apart in (("thetao", 3.0), ("so", 0.3)):
        mean = weighted.dataset[name].isel(time=0) - state.dataset[name].isel(time=0)
        assert float(abs(mean.where(weighted.dataset["depth"] > 1000)).max()) < apart
    assert str(state.dataset["time"].values[0]).startswith("0002-01-01")
    with pytest.raises(InputError, match=r"--mesh FILE"):
        read("nemo", [output])


@GYRE
def test_inner_dimensions_and_pieces_of_a_real_nemo():
    output, mesh, *pieces = GYRE5
    (whole,), _ = read("nemo", [output, mesh])
    (joined,), _ = read("nemo", [output, *pieces])
    assert joined.grid.fingerprint() == whole.grid.fingerprint()
    assert whole.dataset["e3t"].dims in (("depth",), ("depth", "y", "x"))
    xr.testing.assert_equal(joined.dataset["thetao"], whole.dataset["thetao"])
