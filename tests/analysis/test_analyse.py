"""Analyses with toy models: bounds, files, going on after a kill, errors, the command and its page."""

import json

import numpy as np
import pytest
import xarray as xr
from typer.testing import CliRunner

from halocline.analysis import run as module
from halocline.analysis.beside import beside_path
from halocline.analysis.methods.base import Settings
from halocline.analysis.run import analyse
from halocline.data.files.states import open_states
from halocline.observations.table import Observations
from halocline.runtime.device import choose_compute
from halocline.runtime.errors import ConfigError, InputError, OutputError
from halocline.systems.loading import load_model

CPU = choose_compute("cpu", "fp32")
ERROR = 0.05
NAMES = ("sit", "sic", "sid", "siu", "siv")


@pytest.fixture(scope="module", params=["latent", "data"])
def model(request):
    name = "model_path" if request.param == "latent" else "data_space_model_path"
    return load_model(request.getfixturevalue(name), CPU).with_sampler("heun", 8)


def observed(model, truth, variables=("sic",), error=0.05, seed=0):
    """Observations of every third ocean cell of a state (channel, y, x)."""
    rng, grid = np.random.default_rng(seed), model.grid
    at = np.flatnonzero(grid.mask.ravel())[::3]
    rows = []
    for name in variables:
        value = truth[NAMES.index(name)].ravel()[at] + error * rng.standard_normal(at.size)
        value = np.clip(value, 0, 1 if name == "sic" else None)
        place = {"latitude": grid.lat.ravel()[at], "longitude": grid.lon.ravel()[at]}
        rows.append(
            Observations.of(time=24.0 * 74, variable=name, value=value, error=error, kind=f"{name}-map", **place)
        )
    from halocline.observations.table import concatenate

    return concatenate(rows)


@pytest.fixture(scope="module")
def truth(model):
    """A state of the prior itself: toy models know little of the real ones."""
    drawn = model.generate(1, 77, quiet=True)
    return np.stack([drawn[name].values[0] for name in NAMES])


@pytest.fixture(scope="module")
def table(model, truth):
    return observed(model, truth, ("sic", "sit"), error=ERROR)


def values(states, name):
    return states[name].values


@pytest.mark.parametrize("method", ["mmps", "dps", "enoi", "enkf", "etkf"])
def test_members_obey_and_come_nearer(model, table, method):
    states, beside = analyse(model, table, 6, 3, method=method, settings=Settings(radius_km=3000.0), quiet=True)
    wet = model.grid.mask
    for name in NAMES:
        assert np.isfinite(values(states, name)[:, wet]).all()
        assert np.isnan(values(states, name)[:, ~wet]).all()
    assert values(states, "sic")[:, wet].min() >= 0
    assert values(states, "sic")[:, wet].max() <= 1
    water = values(states, "sic") == 0
    np.testing.assert_array_equal(water, values(states, "sit") == 0)
    assert (values(states, "siu")[water] == 0).all()
    d = beside["value"] - beside[["before", "after"]].mean("member")
    before, after = (float((d[name] ** 2).mean()) for name in ("before", "after"))
    if method != "dps":  # where the prior itself agrees within the errors, nothing is left to come nearer to
        assert after < max(before, ERROR**2)


def test_members_do_not_depend_on_batches_and_are_beside_their_prior(model, table):
    together, beside = analyse(model, table, 4, 9, quiet=True)
    late, _ = analyse(model, table, 2, 9, first=2, batch=1, quiet=True)
    wet = model.grid.mask
    np.testing.assert_allclose(values(late, "sit")[:, wet], values(together, "sit")[2:, wet], atol=2e-3)
    prior = model.generate(4, 9, quiet=True)
    np.testing.assert_allclose(beside["sit_mean_before"].values[wet], values(prior, "sit").mean(axis=0)[wet], atol=1e-5)
    given, _ = analyse(model, table, 4, 9, method="enkf", prior=prior, quiet=True)
    drawn, _ = analyse(model, table, 4, 9, method="enkf", quiet=True)
    np.testing.assert_allclose(values(given, "sic")[:, wet], values(drawn, "sic")[:, wet], atol=1e-5)


def test_a_killed_analysis_goes_on_to_the_same_bits_and_appears_whole(model, table, tmp_path, monkeypatch):
    whole, _ = analyse(model, table, 4, 1, batch=2, quiet=True)
    out, kept = tmp_path / "post.nc", module.KeptMembers.keep

    def killed(self, which, number, *rest):
        if (which, number) == ("posterior", 2):
            raise KeyboardInterrupt
        kept(self, which, number, *rest)

    monkeypatch.setattr(module.KeptMembers, "keep", killed)
    with pytest.raises(KeyboardInterrupt):
        analyse(model, table, 4, 1, batch=2, out=out, quiet=True)
    assert not out.exists()
    monkeypatch.setattr(module.KeptMembers, "keep", kept)
    with pytest.raises(OutputError, match="seed"):
        analyse(model, table, 4, 2, batch=2, out=out, quiet=True)
    again: list[int] = []
    draw = type(model).draw
    monkeypatch.setattr(
        type(model), "draw", lambda self, numbers, *rest: again.extend(numbers) or draw(self, numbers, *rest)
    )
    states, _ = analyse(model, table, 4, 1, batch=2, out=out, quiet=True)
    assert again == [2, 3]
    np.testing.assert_array_equal(states["sit"].values, whole["sit"].values)
    assert states.attrs["halocline_analysis_method"] == "mmps"
    assert states.attrs["halocline_analysis_observations"] == len(table)
    states.close()
    assert sorted(p.name for p in tmp_path.iterdir()) == ["post-observations.nc", "post.nc"]
    xr.testing.assert_equal(open_states(out)["sit"], whole["sit"])
    with pytest.raises(OutputError, match="exists already"):
        analyse(model, table, 4, 1, out=out, quiet=True)


def test_what_cannot_be_analysed_is_said(model, table, truth, tmp_path):
    flagged = table.replace(flag=np.full(len(table), 1, np.int8))
    with pytest.raises(InputError, match="all flagged"):
        analyse(model, flagged, 2, quiet=True)
    snow = table.select(table.variable == "sit").replace(variable=np.full((table.variable == "sit").sum(), "snt"))
    with pytest.raises(InputError, match="model without snt"):
        analyse(model, snow, 2, quiet=True)
    south = table.replace(latitude=-table.latitude)
    with pytest.raises(InputError, match="none of them on the ocean"):
        analyse(model, south, 2, quiet=True)
    with pytest.raises(ConfigError, match="no such method"):
        analyse(model, table, 2, method="3dvar", quiet=True)
    with pytest.raises(ConfigError, match="at least 2"):
        analyse(model, table, 1, method="enkf", quiet=True)
    with pytest.raises(ConfigError, match="no store"):
        analyse(model, table, 2, method="nearest", quiet=True)
    with pytest.raises(ConfigError, match="no such place"):
        analyse(model, table, 2, places={"*": "everywhere"}, quiet=True)
    with pytest.raises(ConfigError, match="no such kind"):
        analyse(model, table, 2, places={"buoy": "nearest"}, quiet=True)


def test_dates_too_far_apart_are_refused():
    from halocline.analysis.prepare import day_of

    rows = Observations.of(
        time=np.array([0.0, 24.0 * 40]),
        latitude=80.0,
        longitude=0.0,
        variable="sic",
        value=0.5,
        error=0.1,
        kind="k",
        calendar="noleap",
    )
    with pytest.raises(InputError, match="at most 31 days"):
        day_of(rows, 365.0)
    assert day_of(rows.select(np.array([0])), 365.25) == 0.0
    later = rows.replace(time=np.array([24.0 * 73, 24.0 * 75]))
    assert day_of(later, 365.25) == pytest.approx(74 * 365.25 / 365)


def test_the_nearest_training_states(model, table, store_path):
    states, beside = analyse(
        model, table, 3, method="nearest", settings=Settings(data=store_path), prior=None, quiet=True
    )
    misfit = (((beside["value"] - beside["after"]) / beside["sigma"]) ** 2).mean("observation").values
    assert (np.diff(misfit) >= -1e-6).all()
    assert states.sizes["member"] == 3


def test_the_command_writes_states_observations_and_a_page(model_path, tmp_path):
    from halocline.cli.main import app

    model = load_model(model_path, CPU).with_sampler("heun", 4)
    prior = model.generate(1, 3, quiet=True)
    observed(model, np.stack([prior[name].values[0] for name in NAMES])).write(tmp_path / "obs.nc")
    prior.squeeze("member", drop=True).to_netcdf(tmp_path / "truth.nc")
    command = ["analyse", str(model_path), "--observations", str(tmp_path / "obs.nc"), "--members", "3", "--steps", "4"]
    command += ["--out", str(tmp_path / "post.nc"), "--report", str(tmp_path / "page"), "--precision", "fp32"]
    command += ["--truth", str(tmp_path / "truth.nc"), "--iterations", "1"]
    done = CliRunner().invoke(app, command)
    assert done.exit_code == 0, done.output
    assert "sic-map" in done.output
    assert "fewer than 16 steps the spread of mmps is not to be relied on" in done.output
    assert beside_path(tmp_path / "post.nc").exists()
    text = (tmp_path / "page" / "report.html").read_text()
    for words in ("Innovations", "Increments", "Against the truth", "Spread against error", "sic-map"):
        assert words in text
    states = xr.open_dataset(tmp_path / "post.nc")
    assert json.loads(states.attrs["halocline_analysis_left_out"]) == {}
    again = CliRunner().invoke(app, [*command, "--overwrite", "--quiet", "--seed", "5"])
    assert again.exit_code == 0, again.output
    assert xr.open_dataset(tmp_path / "post.nc").attrs["halocline_seed"] == 5
