"""halocline forecast, as it is typed."""

import numpy as np
import typer.testing
import xarray as xr

from halocline.cli.main import app
from halocline.evaluate.engine.draws import Draws
from halocline.evaluate.forecast.file import open_forecast
from halocline.runtime.errors import ConfigError, OutputError


def typed(model, start, options, out=None):
    """The words of a forecast command."""
    words = ["forecast", str(model), "--start", str(start), *options.split(), "--quiet"]
    return words if out is None else [*words, "--out", str(out)]


def test_the_command(weather_store, surrogate_folder, tmp_path):
    runner, out = typer.testing.CliRunner(), tmp_path / "fc.zarr"
    words = typed(
        surrogate_folder, weather_store, "--at 2000-01-05 --days 1 --members 2 --memory 500MB --precision fp32", out
    )
    done = runner.invoke(app, words)
    assert done.exit_code == 0, done.output
    assert "Forecast written to" in done.output
    assert xr.open_zarr(out, consolidated=False, decode_times=False).sizes["lead"] == 3


def test_baselines_and_several_starts(weather_store, tmp_path):
    out = tmp_path / "p.zarr"
    words = typed("free-drift", weather_store, "--split all --starts 3 --days 2 --members 1 --output-hours 24", out)
    done = typer.testing.CliRunner().invoke(app, words)
    assert done.exit_code == 0, done.output
    made = xr.open_zarr(out, consolidated=False, decode_times=False)
    assert made["lead"].values.tolist() == [0, 24, 48]
    assert len(set(zip(made["store_member"].values.tolist(), made["start"].values.tolist(), strict=True))) == 3


def test_the_file_says_how_long_noise_remembered(weather_store, surrogate_folder, tmp_path):
    """And a run that is continued with another memory is refused, since its members would be others."""
    runner, out = typer.testing.CliRunner(), tmp_path / "fc.zarr"
    words = typed(surrogate_folder, weather_store, "--at 2000-01-05 --days 1 --members 1 --precision fp32", out)
    assert runner.invoke(app, [*words, "--noise-hours", "24"]).exit_code == 0
    assert xr.open_zarr(out, consolidated=False, decode_times=False).attrs["provenance"]["noise_hours"] == "24"
    other = runner.invoke(app, [*words, "--noise-hours", "12"])
    assert isinstance(other.exception, OutputError)
    assert "noise_hours" in str(other.exception)


def test_views_are_told_in_the_file_and_unknown_ones_refused(weather_store, surrogate_folder, tmp_path):
    runner, out = typer.testing.CliRunner(), tmp_path / "fc.zarr"
    words = typed(surrogate_folder, weather_store, "--at 2000-01-05 --days 1 --members 3 --precision fp32", out)
    wrong = runner.invoke(app, [*words, "--views", "steps"])
    assert isinstance(wrong.exception, ConfigError)
    assert "'step'" in str(wrong.exception)
    assert not out.exists()
    assert runner.invoke(app, [*words, "--views", "step"]).exit_code == 0
    assert xr.open_zarr(out, consolidated=False, decode_times=False).attrs["provenance"]["views"] == "step"


def test_paired_members_are_told_in_the_file_and_not_mixed_with_others(weather_store, surrogate_folder, tmp_path):
    """Member 2k is the unpaired member k; scores find the pairs; a run is not continued as another kind."""
    runner, out, plain = typer.testing.CliRunner(), tmp_path / "pairs.zarr", tmp_path / "plain.zarr"
    words = typed(surrogate_folder, weather_store, "--at 2000-01-05 --days 1 --precision fp32")
    for more in (["--paired", "--members", "3", "--out", str(out)], ["--members", "2", "--out", str(plain)]):
        done = runner.invoke(app, [*words, *more])
        assert done.exit_code == 0, done.output
    pairs, single = open_forecast(out), open_forecast(plain)
    assert pairs.draws == Draws((0, 0, 1))
    assert single.draws == Draws.independent(2)
    np.testing.assert_allclose(pairs.read(0, 2)[[0, 2]], single.read(0, 2), atol=1e-4)
    assert (np.abs(pairs.read(0, 2)[1] - pairs.read(0, 2)[0]) > 1e-3).any()
    other = runner.invoke(app, [*words, "--members", "3", "--out", str(out)])
    assert isinstance(other.exception, OutputError)
    assert "paired" in str(other.exception)
