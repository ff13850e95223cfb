"""What observations say of forcing that nobody told: the regression on pilots, and analyses of an ocean with it."""

import numpy as np
import pytest

from halocline.analysis import forcing
from halocline.analysis.methods.base import Settings
from halocline.analysis.run import analyse
from halocline.observations.table import Observations, concatenate
from halocline.runtime.device import choose_compute
from halocline.systems.loading import load_model

CPU = choose_compute("cpu", "fp32")


def test_the_regression_is_the_posterior_of_a_linear_gaussian_model():
    """Forcing N(0, 0.3^2 I) in two parameters, seen through six patterns of forty rows with weather and errors."""
    rng = np.random.default_rng(0)
    spread, weather = 0.3, 2.0
    of_forcing, of_weather = rng.standard_normal((2, 40)) * 6, rng.standard_normal((4, 40)) * weather
    theta = spread * rng.standard_normal((4000, 2))

    def seen(forcing_of):
        n = len(forcing_of)
        return forcing_of @ of_forcing + rng.standard_normal((n, 4)) @ of_weather + rng.standard_normal((n, 40))

    truth = spread * rng.standard_normal((500, 2))
    at = seen(truth)
    noise = of_weather.T @ of_weather + np.eye(40)
    gain = spread**2 * of_forcing @ np.linalg.inv(spread**2 * of_forcing.T @ of_forcing + noise)
    mean, factor = forcing._regression(seen(theta), at, theta)
    exact = spread**2 * np.eye(2) - gain @ of_forcing.T * spread**2
    sd = np.sqrt(np.diag(exact))
    assert np.sqrt((((mean - at @ gain.T) / sd) ** 2).mean()) < 0.15
    np.testing.assert_allclose(np.sqrt(np.diag(factor @ factor.T)), sd, rtol=0.1)
    assert np.sqrt((((mean - truth) / sd) ** 2).mean()) == pytest.approx(1.0, abs=0.1)


@pytest.fixture(scope="module")
def model(ocean_model_path):
    return load_model(ocean_model_path, CPU).with_sampler("multistep", 4)


@pytest.fixture(scope="module")
def warm(model):
    """A state that the model draws for the largest warming, and its temperatures at the surface."""
    conditions, most = model.conditions, {}
    for k, name in enumerate(conditions.parameters):
        most[name] = float(conditions.table[:, k].max() if name == "t_star" else conditions.table[:, k].mean())
    return most, model.generate(1, 5, conditions=most | {"day_of_year": 20.0}, quiet=True)


@pytest.fixture(scope="module")
def table(model, warm):
    state, grid = warm[1], model.grid
    at = np.flatnonzero(grid.wet[0].ravel())[::3]
    values = state["thetao"].values[0, 0].ravel()[at]
    place = {"latitude": grid.lat.ravel()[at], "longitude": grid.lon.ravel()[at], "depth": float(grid.depth[0, 0, 0])}
    rows = Observations.of(time=24.0 * 20, variable="thetao", value=values, error=0.1, kind="profile", **place)
    return concatenate([rows]).replace(calendar="360_day")


@pytest.mark.parametrize("method", ["mmps", "enkf"])
def test_members_have_a_forcing_that_the_observations_do_not_contradict(model, warm, table, method):
    settings = Settings(radius_km=20000.0, pilots=48)
    states, _ = analyse(model, table, 8, 3, method=method, settings=settings, quiet=True)
    prior, _ = analyse(model, table, 8, 3, method="climatology", quiet=True)
    told, width = warm[0]["t_star"], np.ptp(model.conditions.table[:, model.conditions.parameters.index("t_star")])
    mine, before = (np.abs(each["t_star"].values - told).mean() / width for each in (states, prior))
    assert mine < 0.6 * before
    low, high = model.conditions.table.min(axis=0), model.conditions.table.max(axis=0)
    for k, name in enumerate(model.conditions.parameters):
        assert (states[name].values >= low[k]).all()
        assert (states[name].values <= high[k]).all()
    assert states.attrs["halocline_analysis_pilots"] == 48


def test_what_is_given_stays_and_without_pilots_all_is_as_in_the_prior(model, warm, table):
    settings, few = Settings(pilots=0), Settings(pilots=16)
    kept, _ = analyse(model, table, 3, 3, settings=settings, quiet=True)
    prior, _ = analyse(model, table, 3, 3, method="climatology", quiet=True)
    given, _ = analyse(model, table, 3, 3, settings=few, conditions=warm[0], quiet=True)
    for name in model.conditions.parameters:
        np.testing.assert_array_equal(kept[name], prior[name])
        np.testing.assert_array_equal(given[name], np.full(3, warm[0][name]))


def test_a_member_is_told_the_same_alone_and_among_others(model, table):
    settings = Settings(pilots=16)
    all_of_them, _ = analyse(model, table, 3, 3, settings=settings, quiet=True)
    last, _ = analyse(model, table, 1, 3, settings=settings, first=2, quiet=True)
    for name in model.conditions.parameters:
        np.testing.assert_array_equal(last[name].values, all_of_them[name].values[2:])
