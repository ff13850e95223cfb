"""Start states of a response surface for new parameters, with an error bar that means something."""

import numpy as np
import pytest
import xarray as xr
from typer.testing import CliRunner

from halocline.cli.main import app
from halocline.constraints.columns import largest_inversion
from halocline.data.files.ocean import ocean_states
from halocline.data.grids.grid_layout import GridLayout
from halocline.experiments.surface_start import start_states
from halocline.physics.eos import DINO_EOS
from halocline.runtime.errors import ConfigError
from halocline.spinup.metric import even_metric
from halocline.spinup.targets import Archive
from halocline.trials.ocean.starts import read_starts
from halocline.worlds.dino.parameters import NAMES, ForcingParameters
from tests.spinup.toy_veros import GRID, equilibrium, toy_archive

METRIC = even_metric(GRID)
NEW = ForcingParameters(wind_stress=0.2, warming=0.5, salinity_contrast=1.1)


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    return toy_archive(tmp_path_factory.mktemp("data") / "d.zarr", members=24, noise=0.02)


def test_states_are_near_the_truth_and_the_bar_says_how_near(store):
    dataset, quality = start_states(store, dict(zip(NAMES, NEW.values(), strict=True)))
    state = np.stack([np.nan_to_num(dataset[name].values[0]) for name in ("thetao", "so")])
    season = np.where(GRID.wet & (GRID.depth < 100), 2.0, 0.0) * np.array([1, 0])[:, None, None, None]
    away = METRIC.rms(state - equilibrium(NEW) - season)["thetao"]
    bar = float(dataset["expected_error_thetao"][0])
    assert away < 3 * bar
    assert bar < 0.5 * quality.error("thetao", guesses=quality.nearest)
    found = ocean_states(dataset)
    layout = GridLayout(found.layout.fields, found.layout.grid)
    assert largest_inversion(found.states, layout, DINO_EOS, "both").max() <= 0.0
    many, _ = start_states(store, dict(zip(NAMES, NEW.values(), strict=True)) | {"warming": [0.5, 2.0]}, day=180.0)
    assert many.sizes["member"] == 2
    warmer = np.diff(many["thetao"].values[:, :, GRID.wet[0]].mean(axis=2), axis=0)[0]
    assert warmer[0] > 0.5
    assert (many["day_of_year"] == 180.0).all()


def test_the_command_writes_states_that_the_ocean_model_reads(store, tmp_path):
    words = ["spinup", "start", "--data", str(store.path), "--out", str(tmp_path / "s.nc")]
    told = [x for name, value in zip(NAMES, NEW.values(), strict=True) for x in ("--set", f"{name}={value}")]
    result = CliRunner().invoke(app, [*words, *told])
    assert result.exit_code == 0, result.output
    assert "gate:" in result.output
    assert "expected error:" in result.output
    start = read_starts(tmp_path / "s.nc", "surface").starts[0]
    assert start.forcing == NEW
    with xr.open_dataset(tmp_path / "s.nc") as file:
        assert file["expected_error_so"].attrs["units"] == "1e-3"
    again = CliRunner().invoke(app, [*words, *told])
    assert again.exit_code != 0
    far = ["warming=3.9" if word.startswith("warming=") else word for word in told]
    beyond = CliRunner().invoke(app, [*words[:-1], str(tmp_path / "b.nc"), *far])
    assert "outside the trained range" in beyond.output
    shown = CliRunner().invoke(app, ["inspect", str(store.path), "--response"])
    assert "left out once" in shown.output
    assert '"passed"' in CliRunner().invoke(app, ["inspect", str(store.path), "--response", "--json"]).output


def test_parameters_that_are_missing_or_unknown_are_named(store):
    with pytest.raises(ConfigError, match="none for season, storms"):
        start_states(store, dict.fromkeys(NAMES[:4], 1.0))
    with pytest.raises(ConfigError, match="mixing"):
        start_states(store, dict.fromkeys(NAMES, 1.0) | {"mixing": 2.0})
    with pytest.raises(ConfigError, match="2, 3 values"):
        start_states(store, dict.fromkeys(NAMES, 1.0) | {"warming": [0.0, 1.0], "storms": [1.0, 1.0, 1.0]})


def test_the_archives_surface_is_nearer_than_its_mean_and_its_nearest(store):
    archive = Archive(store)
    target = archive.targets(1)[0]
    season = np.where(GRID.wet & (GRID.depth < 100), 2.0, 0.0) * np.array([1, 0])[:, None, None, None]
    true = equilibrium(target.forcing) + season

    def away(start):
        return METRIC.rms(start.state - true)["thetao"]

    assert away(archive.surface(target)) < 0.3 * away(archive.mean())
    assert away(archive.surface(target)) < away(archive.nearest(target)[1])
    assert archive.surface(target).day == 0.0
