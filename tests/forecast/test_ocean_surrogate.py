"""A surrogate of some channels of an ocean, one of them cut by the sea floor: training, forecast, scores."""

import json

import numpy as np
import pytest
import zarr
from typer.testing import CliRunner

from halocline.cli.main import app
from halocline.data.codecs.residual import ResidualCodec
from halocline.data.fields.degree_days import DegreeDays
from halocline.data.fields.variables import channel
from halocline.data.grids.grid_layout import wet_of
from halocline.data.sampling.packed import pack, pairs_of
from halocline.data.sampling.patches import Patches
from halocline.data.store.splits import samples_of
from halocline.evaluate.engine.draws import Draws
from halocline.evaluate.forecast.evaluate import evaluate_forecast
from halocline.evaluate.forecast.families.cells import CellScores
from halocline.evaluate.forecast.family import Moment
from halocline.evaluate.forecast.file import open_forecast
from halocline.runtime.device import choose_compute
from halocline.runtime.errors import InputError
from halocline.systems.forecasting import Request, run_forecast
from tests.surrogate_toy import toy_surrogate

CPU = choose_compute("cpu", "fp32")
CHANNELS = ("thetao_00", "thetao_04", "so_00", "zos")
MONTH = 720
HOW = [f"step_hours={MONTH}", "forcing=[]", "degree_days=[]", "patches.inner=4", "forecast.views=one"]


@pytest.fixture(scope="module")
def model(ocean_store_path, tmp_path_factory):
    out = tmp_path_factory.mktemp("models") / "ocean-surrogate"
    return toy_surrogate(ocean_store_path, out, [f"variables={json.dumps(CHANNELS)}", *HOW])


@pytest.fixture(scope="module")
def run(model, ocean_store_path, tmp_path_factory):
    out = tmp_path_factory.mktemp("forecasts") / "ocean.zarr"
    how = {"days": 90, "members": 3, "starts": 2, "quiet": True}
    run_forecast(Request(model=str(model), start=ocean_store_path, out=out, **how), CPU)
    return out


@pytest.fixture
def records(ocean_store, tmp_path):
    return pack(ocean_store, CHANNELS, (), DegreeDays(()), MONTH, tmp_path)


def test_records_count_wet_cells_only(ocean_store, records):
    pairs = [(m, i) for m, i in samples_of(ocean_store, "train") if i + 1 < len(ocean_store.hours)]
    for name, wet in zip(CHANNELS, wet_of(CHANNELS, ocean_store.grid), strict=True):
        place = ocean_store.channels.index(name)
        now, later = (np.stack([ocean_store.read(m, i + k)[place][wet] for m, i in pairs]) for k in (0, 1))
        assert records.statistics["mean"][name] == pytest.approx(now.mean(dtype=float), rel=1e-6)
        assert records.statistics["std"][name] == pytest.approx(now.std(dtype=float), rel=1e-4)
        change = np.sqrt(((later.astype(float) - now) ** 2).mean())
        assert records.statistics["change"][name] == pytest.approx(change, rel=1e-5)


@pytest.mark.parametrize("level", [1, 2])
def test_patches_leave_dry_cells_out(ocean_store, records, level):
    names, figures = tuple(channel(name) for name in CHANNELS), records.statistics
    codec = ResidualCodec(
        names, (), DegreeDays(()), True, False, MONTH, *(figures[k] for k in ("mean", "std", "change"))
    )
    pairs = pairs_of(ocean_store, "train", MONTH)
    batch = Patches(records, codec, pairs, 4, 1, (level,), True).batch(0, "patches", 0, 8)
    assert batch.mask.shape == batch.residual.shape == batch.weight.shape
    dry = batch.mask == 0
    shelf = dry[:, 1] & ~dry[:, 0]
    assert shelf.any()
    assert not (batch.mask[:, 1] > batch.mask[:, 0]).any()
    assert (batch.residual[dry] == 0).all()
    assert (batch.weight[dry] == 0).all()
    assert (batch.fields[:, :4][dry] == 0).all()
    assert (batch.fields[:, 0][shelf] != 0).all()


def test_a_forecast_has_values_where_its_channels_are_wet(run, ocean_store):
    group = zarr.open_group(run, mode="r")
    for name, wet in zip(CHANNELS, wet_of(CHANNELS, ocean_store.grid), strict=True):
        values = np.asarray(group[name])
        assert values.shape == (2, 3, 4, 8, 8)
        np.testing.assert_array_equal(np.isfinite(values), np.broadcast_to(wet, values.shape))
        assert group[name].attrs["units"] == channel(name).unit
    assert group.attrs["title"] == "Forecasts by Halocline"
    first = np.asarray(group["thetao_00"])
    assert np.nanstd(first[0, :, 1] - first[0, :1, 1]) > 0
    np.testing.assert_array_equal(first[0, 0, 0], first[0, 1, 0])


def test_a_forecast_goes_on_from_another_one(model, run, tmp_path):
    out = tmp_path / "on.zarr"
    run_forecast(Request(model=str(model), start=run, out=out, days=30, members=3, quiet=True), CPU)
    before, after = (zarr.open_group(path, mode="r") for path in (run, out))
    np.testing.assert_array_equal(np.asarray(before["thetao_04"])[:, :, -1], np.asarray(after["thetao_04"])[:, :, 0])


def test_scores_of_cells_and_what_is_left_out(run, ocean_store):
    card = evaluate_forecast(open_forecast(run), ocean_store, replicates=10)
    assert {"rmse_ocean", "crps_ocean", "spread_skill_ocean", "outside_ocean", "w1"} <= set(card.table.ids)
    assert not [id for id in card.table.ids if "ice" in id or "edge" in id or "bound" in id]
    assert any("No sea ice in the forecast" in note for note in card.about["notes"])
    row = card.table.row("rmse_ocean", variable="thetao_04", lead_hours=float(MONTH), source=open_forecast(run).name)
    assert row.value > 0


def test_dry_cells_weigh_nothing(ocean_store):
    wet = wet_of(CHANNELS, ocean_store.grid)
    family = CellScores(ocean_store.grid, CHANNELS, Draws.independent(1))
    found = family.scores(
        family.summary(np.where(wet, 2.0, 0.0)[None], np.zeros(wet.shape), Moment(0, 0, wet[0]))[None]
    )
    rmse = dict(zip([(label.id, label.variable) for label in family.labels], found[0], strict=True))
    for name in CHANNELS:
        assert rmse["rmse_ocean", name] == pytest.approx(2.0)


def test_the_page_is_written(run, ocean_store_path, tmp_path):
    words = ["score", str(run), "--reference", str(ocean_store_path), "--out", str(tmp_path / "page"), "--quiet"]
    result = CliRunner().invoke(app, words)
    assert result.exit_code == 0, result.output
    assert "No sea ice in the forecast" in (tmp_path / "page" / "report.html").read_text()


def test_a_level_that_the_grid_has_not_is_explained(ocean_store):
    with pytest.raises(InputError, match="a grid of 5 levels"):
        wet_of(("thetao_07",), ocean_store.grid)
