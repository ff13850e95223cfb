"""Forecast files that cannot be scored: one clear error each. And those of other forms that can."""

import numpy as np
import pytest
import xarray as xr

from halocline.evaluate.forecast.evaluate import evaluate_forecast
from halocline.evaluate.forecast.file import forecast_of, open_forecast
from halocline.evaluate.forecast.pairs import NEVER, pair
from halocline.runtime.errors import InputError
from tests.evaluate.forecast.toy_forecast import GRID, LEADS, STARTS, as_forecast, toy_forecast
from tests.toy import CHANNELS, toy_grid


@pytest.fixture(scope="module")
def dataset(slow_store):
    return toy_forecast(slow_store, (0, 1))


def _single(dataset):
    return dataset.isel(start=1)


@pytest.mark.parametrize(
    ("change", "field", "words"),
    [
        (lambda d: d.drop_vars(CHANNELS), "variable 'sit'", "no such variable"),
        (lambda d: d.assign(sit=d["sit"].assign_attrs(units="cm")), "unit of 'sit'", "'cm'"),
        (lambda d: d.drop_vars("lead"), "coordinate 'lead'", "none"),
        (lambda d: d.assign_coords(lead=("lead", [0, 2, 1])), "coordinate 'lead'", "do not increase"),
        (lambda d: d.assign_coords(lead=("lead", [0, 1, 2], {"units": "months"})), "unit of 'lead'", "months"),
        (lambda d: d.isel(lead=0, drop=True), "dimensions of 'sit'", "member"),
        (lambda d: _single(d).drop_vars("start"), "dimensions of 'sit'", "member"),
        (lambda d: d.assign_coords(start=d["start"].assign_attrs(units="days since 1970-01-01")), "'start'", "1970"),
        (lambda d: d.assign_coords(start=d["start"].assign_attrs(calendar="lunar")), "calendar 'lunar'", "no such"),
        (lambda d: d.assign_attrs(complete=False), "forecast", "not finished"),
        (lambda d: d.drop_vars("mask"), "grid variable 'mask'", "only"),
    ],
)
def test_a_wrong_layout_is_refused(dataset, change, field, words):
    with pytest.raises(InputError, match=words) as error:
        forecast_of(change(dataset), "toy")
    assert field in error.value.field


@pytest.mark.parametrize(
    ("change", "field", "words"),
    [
        (lambda d: d.drop_vars("store_member"), "store_member", "none"),
        (lambda d: d.assign_coords(start=d["start"].assign_attrs(calendar="standard")), "calendar", "standard"),
        (lambda d: d.assign_coords(store_member=("start", [0, 0, 1, 2])), "store_member", "member 2"),
        (lambda d: d.assign_coords(start_index=("start", [150, 170, 150, 199])), "start_index", "199"),
        (lambda d: d.assign_coords(start=d["start"] + 7), "starts of forecast", "4 of 4"),
        (lambda d: d.assign_coords(lead=("lead", [0, 7, 13], {"units": "hours"})), "leads of forecast", "no lead"),
    ],
)
def test_a_forecast_of_another_store_is_refused(dataset, slow_store, change, field, words):
    with pytest.raises(InputError, match=words) as error:
        pair(forecast_of(change(dataset), "toy"), slow_store)
    assert field in error.value.field


def test_another_grid_is_refused(slow_store):
    other = toy_grid(20, 2e5)
    values = np.zeros((1, 1, 2, len(CHANNELS), *other.shape), np.float32)
    small = as_forecast(values, slow_store.hours[[150]], [(0, 150)], (0, 120), grid=other)
    with pytest.raises(InputError, match="20 x 20"):
        evaluate_forecast(forecast_of(small, "toy"), slow_store)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda v, lead: np.where(lead > 200, np.nan, v), r"start 0, lead 240 h.*member\(s\) \[0, 1\].*blown up"),
        (lambda v, lead: v * np.float32(100.0), "percent|Convert"),
    ],
)
def test_values_that_no_score_can_use_are_refused(slow_store, change, words):
    forecast = forecast_of(toy_forecast(slow_store, (0, 1), change=change), "toy")
    with pytest.raises(InputError, match=words):
        evaluate_forecast(forecast, slow_store)


def test_a_store_and_a_missing_file_are_no_forecasts(slow_store, tmp_path):
    for path, words in ((slow_store.path, "a state store"), (tmp_path / "none.nc", "nothing")):
        with pytest.raises(InputError, match=words):
            open_forecast(path)
    broken = tmp_path / "broken.nc"
    broken.write_bytes(b"CDF no")
    with pytest.raises(InputError, match="cannot be read"):
        open_forecast(broken)


def test_forecast_beside_must_have_the_same_starts(dataset, slow_store):
    other = forecast_of(dataset.isel(start=[0, 1]), "twin")
    with pytest.raises(InputError, match="without 2 of the starts"):
        evaluate_forecast(forecast_of(dataset, "toy"), slow_store, beside=[other])
    with pytest.raises(InputError, match="names that differ"):
        evaluate_forecast(forecast_of(dataset, "toy"), slow_store, beside=[forecast_of(dataset, "toy")])


def test_netcdf_and_zarr_decoded_or_not_single_or_many_read_alike(dataset, tmp_path):
    dataset.to_netcdf(tmp_path / "f.nc")
    dataset.to_zarr(tmp_path / "f.zarr", zarr_format=3, consolidated=False)
    days = dataset.assign_coords(lead=("lead", np.array(LEADS) / 24.0, {"units": "days"}))
    decoded = xr.open_dataset(tmp_path / "f.nc", decode_timedelta=True)
    truth = forecast_of(dataset, "f")
    for other in (
        open_forecast(tmp_path / "f.nc"),
        open_forecast(tmp_path / "f.zarr"),
        forecast_of(days, "f"),
        forecast_of(decoded, "f"),
    ):
        assert (other.members, other.starts, other.name) == (2, len(STARTS), "f")
        np.testing.assert_array_equal(other.lead_hours, LEADS)
        np.testing.assert_array_equal(other.start_hours, truth.start_hours)
        np.testing.assert_array_equal(other.read(1, 2), truth.read(1, 2))
    one = forecast_of(_single(dataset), "f")
    assert one.starts == 1
    np.testing.assert_array_equal(one.store_member, [STARTS[1][0]])
    np.testing.assert_array_equal(one.read(0, 1, ["siu"])[:, 0], truth.read(1, 1)[:, 3])


def test_truth_is_that_of_the_same_member_after_the_lead(dataset, slow_store):
    pairs = pair(forecast_of(dataset, "toy"), slow_store)
    assert pairs.index.tolist() == [[index, index + 1, index + 2] for _, index in STARTS]
    np.testing.assert_array_equal(pairs.truth(3, 2), slow_store.read(1, 202))
    assert not pairs.trained.any()
    elsewhere = dataset.assign_coords(start_index=("start", [-1] * len(STARTS)))
    assert pair(forecast_of(elsewhere, "toy"), slow_store).index.tolist() == pairs.index.tolist()
    late = toy_forecast(slow_store, starts=((0, 216),), leads=(0, 120, 240))
    late = late.assign_coords(start=late["start"] + 240, start_index=("start", [218]))
    with pytest.raises(InputError, match="no lead"):
        pair(forecast_of(late, "toy"), slow_store)
    nearly = pair(forecast_of(dataset.assign_coords(lead=[0, 100, 220]), "toy"), slow_store, tolerance_hours=30)
    assert nearly.known.all()
    exact = pair(forecast_of(dataset.assign_coords(lead=[0, 100, 240]), "toy"), slow_store)
    assert (exact.index[:, 1] == NEVER).all()
    assert GRID.fingerprint() == slow_store.grid.fingerprint()
