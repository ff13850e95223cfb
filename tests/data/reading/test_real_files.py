"""Files that models and observing systems wrote, of the extra ``realdata``; skipped where it is not installed."""

from pathlib import Path

import numpy as np
import pytest

from halocline.data.files.open import open_dataset
from halocline.data.reading.axes import name_axes
from halocline.data.reading.choices import AS_THE_FILE_SAYS, Choices
from halocline.data.reading.place import place_cells
from halocline.data.reading.read import read_states
from halocline.data.reading.times import time_axis
from halocline.data.reading.work import Work
from halocline.runtime.errors import InputError

FOLDER = Path(pytest.importorskip("iris_sample_data", exc_type=ImportError).path)


def dataset_of(name):
    return open_dataset(FOLDER / name, times="cftime").load()


def test_nemo_dates_its_records_beside_the_axis():
    """Headers of XIOS after NCO: time_counter has lost its units, time_centered has them, with bounds, 360 days."""
    work = Work("grid-T", "ocean", AS_THE_FILE_SAYS, None)
    dataset = name_axes(dataset_of("NEMO/nemo_1m_20150101-20150201_grid-T.nc"), work)
    assert dataset["tos"].dims == ("time", "y", "x")
    axis = time_axis(dataset, work)
    assert axis.calendar == "360_day"
    assert axis.mean
    assert [d.isoformat() for d in axis.dates] == ["2015-01-16T00:00:00"]
    placed = place_cells(dataset, work)
    assert np.isfinite(placed["lat"].values).all()
    total = float(placed["area"].sum())
    assert total == pytest.approx(4 * np.pi * 6.371e6**2, rel=0.12), "an ORCA grid begins at 78 S"
    assert not work.problems.found


def test_nemo_on_dimensions_without_a_name():
    """ORCA2 temperature on dim0, dim1: the latitudes tell which is which; one level needs an axis."""
    with pytest.raises(InputError, match=r"dimensions of 'thetao'.*depth"):
        read_states(dataset_of("orca2_votemper.nc"), group="ocean")
    dataset = name_axes(dataset_of("orca2_votemper.nc"), Work("votemper", "ocean", AS_THE_FILE_SAYS, None))
    assert dataset["votemper"].dims == ("y", "x") == dataset["lat"].dims


def test_profiles_in_kelvin_across_greenwich():
    """Potential temperature in K, practical salinity; longitudes 0.5, 325.5, ..., 355.5 are one region."""
    source = dataset_of("atlantic_profiles.nc")
    reading = read_states(source, group="ocean", choices=Choices(layer_thickness="depth"))
    np.testing.assert_allclose(np.diff(reading.dataset["lon"].values, axis=1), 5.0, atol=1e-4)
    area = reading.dataset["area"].values
    assert area.max() < 1.1 * area.min(), "five degrees by 1.7 near the equator, all alike"
    here = reading.dataset["thetao"].isel(x=-1).values - (source["theta"].isel(lon=0).values - 273.15)
    assert np.nanmax(np.abs(here)) < 1e-3
    assert any("begun at 325.5" in note for note in reading.notes.about("converted"))
