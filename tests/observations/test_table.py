"""The table of observations: what it holds, refuses and keeps through a file."""

import numpy as np
import pytest

from halocline.data.fields.calendar import hour_of
from halocline.observations.files import is_observations, read_observations
from halocline.observations.table import COLUMNS, Observations, concatenate
from halocline.runtime.errors import InputError, OutputError


def table(**changed):
    columns = {
        "time": [1.0, 2.5, 3.0],
        "latitude": [80.0, 81.0, -60.0],
        "longitude": [10.0, 190.0, 0.0],
        "depth": [np.nan, np.nan, 15.0],
        "variable": ["sic", "sit_ice", "thetao"],
        "value": [-0.03, 1.7, 2.0],
        "error": [0.03, 0.3, 0.4],
        "representativeness": [0.04, 0.4, 0.3],
        "kind": ["concentration", "thickness-track", "profile"],
    }
    return Observations.of(**(columns | changed))


def test_sigma_joins_error_and_representativeness_and_longitudes_are_of_one_range():
    made = table()
    assert len(made) == 3
    np.testing.assert_allclose(made.sigma, [0.05, 0.5, 0.5])
    np.testing.assert_allclose(made.longitude, [10.0, -170.0, 0.0])
    assert (made.flag == 0).all()
    assert made.flag.dtype == np.int8
    assert made.censored.dtype == np.int8
    assert list(made.to_dataframe().columns) == [*COLUMNS, "sigma"]


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"value": [np.nan, 1.7, 2.0]}, r"column 'value'.*nan in row 0; 1 of 3 rows"),
        ({"value": [85.0, 1.7, 2.0]}, "sic in 1, about 0 to 1.*unit is probably"),
        ({"value": [0.5, 1.7, 275.0]}, "thetao in degC"),
        ({"error": [-0.1, 0.3, 0.4]}, "column 'error'.*a standard deviation"),
        ({"error": 0.0, "representativeness": 0.0}, "3 of 3 rows.*more than 0"),
        ({"latitude": [95.0, 81.0, -60.0]}, "column 'latitude'.*95.0 in row 0"),
        ({"depth": np.nan}, "the depth of thetao"),
        ({"depth": 5.0}, "NaN: sic has no depth"),
        ({"depth": [np.nan, np.nan, -15.0]}, "m below the surface"),
        ({"flag": 9}, "column 'flag'.*one of 0, 1"),
        ({"censored": 2}, "-1, 0 or 1"),
        ({"censored": [-1, 0, 0]}, "0, the bound, where censored"),
        ({"censored": [0, 0, 1]}, "0: thetao has no such bound"),
        ({"variable": ["sic", "sit_icy", "thetao"]}, "Did you mean 'sit_ice'"),
        ({"variable": ["sic", "siu", "thetao"]}, "ice_eastward and ice_northward"),
        ({"time": [1.0, 2.0]}, r"'time' \(2,\).*\(3,\)"),
        ({"time": ["2000-01-01"] * 3}, "column 'time'.*numbers"),
        ({"time": np.array(["2000-01-01"] * 3, "M8[ns]"), "calendar": "noleap"}, "one calendar"),
        ({"flag": 0.5}, "whole numbers"),
    ],
)
def test_what_is_wrong_is_named_with_column_rows_and_expectation(changed, words):
    with pytest.raises(InputError, match=words):
        table(**changed)


def test_all_problems_come_at_once_and_flagged_rows_may_lack_values():
    with pytest.raises(InputError, match=r"2 problems[\s\S]*'latitude'[\s\S]*'error'"):
        table(latitude=99.0, error=-1.0)
    made = table(value=[np.nan, 1.7, 2.0], error=[np.nan, 0.3, 0.4], flag=[1, 0, 0])
    assert made.good.tolist() == [False, True, True]


def test_selection_and_concatenation_keep_rows():
    made = table()
    again = concatenate([made.select(np.array([True, False, False])), made.select(np.array([1, 2]))])
    for name in COLUMNS:
        np.testing.assert_array_equal(getattr(again, name), getattr(made, name))
    with pytest.raises(InputError, match="a mask"):
        made.select(np.array([True]))
    with pytest.raises(InputError, match="no table"):
        concatenate([])
    assert len(concatenate([made, Observations.empty("noleap")])) == 3


def test_calendars_are_carried_over_by_date_and_days_that_do_not_exist_are_left_out():
    hours = [hour_of(text, "standard") for text in ("2004-02-28 06:00", "2004-02-29", "2004-03-01 12:00")]
    with pytest.warns(UserWarning, match="1 observations of days"):
        moved = table(time=hours).in_calendar("noleap")
    assert len(moved) == 2
    assert moved.calendar == "noleap"
    assert [d.strftime("%Y-%m-%d %H") for d in moved.dates] == ["2004-02-28 06", "2004-03-01 12"]
    short = Observations.of(
        time=hour_of("2001-02-30", "360_day"), latitude=80, longitude=0, variable="sic", value=0.5, error=0.1,
        kind="concentration", calendar="360_day",
    )  # fmt: skip
    assert str(short.dates[0]).startswith("2001-02-30")
    assert table(time=np.array(["2000-01-02T06:00"] * 3, "M8[s]")).time.tolist() == [30.0] * 3


def test_a_file_gives_back_the_same_table_and_is_sealed(tmp_path):
    made = table(flag=[0, 3, 0], censored=[0, 1, 0], variable=["sic", "sic", "thetao"]).replace(calendar="noleap")
    path = made.write(tmp_path / "obs.nc")
    assert is_observations(path)
    again = read_observations(path)
    assert again.calendar == "noleap"
    for name in COLUMNS:
        np.testing.assert_array_equal(getattr(again, name), getattr(made, name))
    with pytest.raises(OutputError):
        made.write(path)
    with pytest.raises(OutputError, match=r"\.nc"):
        made.write(tmp_path / "obs.zarr")
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)
    with pytest.raises(InputError, match=r"checksum|cannot be read"):
        read_observations(path)


def test_a_file_of_another_form_is_refused(tmp_path):
    other = table().to_dataset().drop_vars("error")
    with pytest.raises(InputError, match=r"no column error.*halocline observe --read"):
        Observations.from_dataset(other)
    assert len(Observations.from_dataset(Observations.empty().to_dataset())) == 0
    assert not is_observations(tmp_path / "nothing.nc")
