"""Reference forecasts are made of other years than the verified ones, or left out with a note; names are told apart."""

import dataclasses
import shutil
import warnings

import numpy as np
import pytest

from halocline.data.store.from_dataset import write_store
from halocline.data.store.share_out import ThinSplits
from halocline.data.store.splits import samples_of
from halocline.data.store.statistics import finish_store
from halocline.data.store.store import open_store
from halocline.data.store.writer import StoreWriter, create_store
from halocline.evaluate.forecast.climate_years import ClimateYears, verified_years
from halocline.evaluate.forecast.evaluate import evaluate_forecast
from halocline.evaluate.forecast.pairs import pair
from halocline.evaluate.score import score
from halocline.runtime.errors import InputError
from tests.evaluate.forecast.toy_forecast import GRID, STEP, toy_forecast, truth_forecast
from tests.toy import CHANNELS, toy_sample

MADE_OF_YEARS = {"climatology", "damped anomaly", "other years"}


def toy_years(path, years, *, seed=0, first=0, **how):
    """Write a store of unlike states of some years."""
    hours = np.arange(first, first + years * 8760, STEP)
    create_store(path, GRID, CHANNELS, 1, hours, {"world": "toy"}, **how)
    writer = StoreWriter(path)
    for index, hour in enumerate(hours):
        writer.write(0, index, toy_sample(GRID, int(hour) // 24 % 365, seed, int(hour)))
    finish_store(path)
    return open_store(path)


@pytest.fixture(scope="module")
def one_year(tmp_path_factory):
    """A store of one year, all of it training states."""
    return toy_years(tmp_path_factory.mktemp("year") / "y.zarr", 1)


def test_a_climatology_of_the_verified_year_is_left_out_with_a_note(one_year):
    forecast = truth_forecast(one_year, starts=((0, 20), (0, 40)))
    card = evaluate_forecast(forecast, one_year, replicates=2)
    assert card.sources == ("truth", "persistence")
    notes = " ".join(card.about["notes"])
    assert "No climatology and no damped anomaly: 1 of the 1 member-years" in notes
    assert "No floor of other years" in notes
    assert not [row for row in card.rows if row.band == "ice" or row.source in MADE_OF_YEARS]
    assert [row for row in card.rows if row.id == "rmse_ocean"]


def test_the_note_stands_on_the_page(one_year, tmp_path):
    forecast = truth_forecast(one_year, starts=((0, 20),))
    page = evaluate_forecast(forecast, one_year, replicates=2).report(tmp_path / "r").read_text()
    assert "No climatology and no damped anomaly" in page
    assert "Beside it: persistence." in page


def test_held_out_years_have_their_climatology_as_before(slow_store):
    card = evaluate_forecast(truth_forecast(slow_store), slow_store, replicates=2)
    assert set(card.sources) >= MADE_OF_YEARS
    pairs = pair(truth_forecast(slow_store), slow_store)
    years = ClimateYears.of(slow_store, pairs, range(3))
    assert years.samples == samples_of(slow_store, "train")
    assert verified_years(slow_store, pairs, range(3)) == {(0, 2), (1, 2)}


def test_verified_training_years_are_taken_out_of_the_climatology(slow_store):
    """Two training member-years, of which one is verified: the climatology is the other one."""
    forecast = truth_forecast(slow_store, starts=((0, 20),))
    years = ClimateYears.of(slow_store, pair(forecast, slow_store), range(3))
    assert {(m, int(slow_store.years()[i])) for m, i in years.samples} == {(1, 0)}
    card = evaluate_forecast(forecast, slow_store, replicates=2)
    assert set(card.sources) >= MADE_OF_YEARS
    assert any("made of the other 1" in note for note in card.about["notes"])
    assert card.row("rmse_ocean", "sit", lead_hours=0, source="climatology").value > 0.05


@pytest.mark.slow
def test_a_longer_record_with_the_same_states_is_recognised(one_year, tmp_path):
    """The climate store holds the verified year and four others, under another fingerprint."""
    longer = toy_years(tmp_path / "long.zarr", 5)
    pairs = pair(truth_forecast(one_year, starts=((0, 20),)), one_year)
    assert verified_years(longer, pairs, range(3)) == {(0, 0)}
    card = evaluate_forecast(truth_forecast(one_year, starts=((0, 20),)), one_year, climate=longer, replicates=2)
    assert set(card.sources) >= MADE_OF_YEARS
    assert any("1 of the 3 member-years" in note for note in card.about["notes"])
    stranger = toy_years(tmp_path / "other.zarr", 5, seed=1)
    assert verified_years(stranger, pairs, range(3)) == set()


def test_a_copy_of_the_store_is_the_store(one_year, tmp_path):
    copy = open_store(shutil.copytree(one_year.path, tmp_path / "copy.zarr"))
    card = evaluate_forecast(truth_forecast(one_year, starts=((0, 20),)), one_year, climate=copy, replicates=2)
    assert card.sources == ("truth", "persistence")


def test_a_block_of_the_same_year_is_neither_climatology_nor_floor(tmp_path):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ThinSplits)
        import halocline as hl

        year = toy_years(tmp_path / "y.zarr", 1)
        store = write_store(hl.open_states(year.path), tmp_path / "b.zarr", splits="blocks")
    index = samples_of(store, "test")[0][1]
    card = evaluate_forecast(truth_forecast(store, starts=((0, index),)), store, replicates=2)
    assert card.sources == ("truth", "persistence")
    assert not any("training years" in note for note in card.about["notes"])
    train = samples_of(store, "train")[0][1]
    card = evaluate_forecast(truth_forecast(store, starts=((0, train),)), store, replicates=2)
    assert any("training" in note and "no held-out test" in note for note in card.about["notes"])


def test_another_member_of_another_season_is_no_floor(tmp_path):
    """Training states of 1 January to 31 March of another member tell nothing of July."""
    splits = {"train": [(1, 0, 90 * 24)], "validation": [(1, 95 * 24, 99 * 24)], "test": [(0, 0, 8760)]}
    hours = np.arange(0, 8760, STEP)
    create_store(tmp_path / "s.zarr", GRID, CHANNELS, 2, hours, {}, splits=splits)
    writer = StoreWriter(tmp_path / "s.zarr")
    for member in range(2):
        for index, hour in enumerate(hours):
            writer.write(member, index, toy_sample(GRID, int(hour) // 24, member, index))
    finish_store(tmp_path / "s.zarr")
    store = open_store(tmp_path / "s.zarr")
    card = evaluate_forecast(truth_forecast(store, starts=((0, 36),)), store, replicates=2)
    assert card.sources == ("truth", "persistence")
    assert any("is of the season that is verified" in note for note in card.about["notes"])
    card = evaluate_forecast(truth_forecast(store, starts=((0, 6),)), store, replicates=2)
    assert set(card.sources) >= MADE_OF_YEARS


def test_a_long_run_has_no_floor_of_its_own_year(one_year):
    leads = tuple(range(0, 350 * 24, 2 * STEP))
    run = truth_forecast(one_year, starts=((0, 0),), leads=leads)
    card = evaluate_forecast(run, one_year, replicates=2)
    assert card.long_run is not None
    assert not [row for row in card.rows if row.source == "other years"]
    assert any("all 1 member-years of the climate are those of the run itself" in n for n in card.about["notes"])
    assert [row for row in card.rows if row.id == "ice_extent_ratio_month_03" and row.source == "truth"]


@pytest.mark.parametrize("name", ["persistence", "Other Years", "ensemble-mean"])
def test_a_forecast_beside_called_like_a_reference_gets_another_name(slow_store, name):
    forecast = truth_forecast(slow_store, starts=((0, 150),))
    card = evaluate_forecast(forecast, slow_store, beside=[dataclasses.replace(forecast, name=name)], replicates=2)
    assert card.sources[:3] == ("truth", f"{name} (file)", "persistence")
    assert any(f"'{name}' is called '{name} (file)'" in note for note in card.about["notes"])
    assert card.row("rmse_ocean", "sit", lead_hours=120, source=f"{name} (file)").value == 0.0
    assert card.row("rmse_ocean", "sit", lead_hours=120, source="persistence").value > 0.0
    at = [(row.source, row.id, row.variable) for row in card.rows if row.lead_hours == 120]
    assert len(at) == len(set(at))


def test_names_alike_are_refused_with_cause_and_remedy(slow_store, tmp_path):
    dataset = toy_forecast(slow_store, starts=((0, 150),))
    (tmp_path / "a").mkdir()
    dataset.to_netcdf(tmp_path / "a" / "my fc.nc")
    dataset.to_netcdf(tmp_path / "my_fc.nc")
    with pytest.raises(InputError, match=r"'My-FC' of a forecast beside.*that is scored is called 'my fc'.*--beside"):
        score(tmp_path / "a" / "my fc.nc", slow_store, beside={"My-FC": tmp_path / "my_fc.nc"})
    with pytest.raises(InputError, match="another forecast beside it is called 'twin'"):
        score(dataset, slow_store, beside={"twin": dataset, "TWIN": dataset})
    card = score(dataset, slow_store, beside={"预报": dataset, "予報": dataset}, replicates=2)
    assert card.sources[:3] == ("forecast", "预报", "予報")
