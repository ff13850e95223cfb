"""DINO's geometry, forcing, parameters and weather: without Veros."""

import numpy as np
import pytest

from halocline.runtime.errors import ConfigError
from halocline.worlds.dino import climate, weather
from halocline.worlds.dino.forcing import ForcingPlan, forcing_rows
from halocline.worlds.dino.geometry import CHANNEL, RADIUS, make_geometry
from halocline.worlds.dino.parameters import (
    END_WARMING,
    NAMES,
    RANGES,
    ForcingParameters,
    ensemble,
)
from halocline.worlds.dino.presets import PRESETS, preset

DINO = ForcingParameters()
LAT = np.linspace(-69.5, 69.5, 200)


@pytest.mark.parametrize("name", PRESETS)
def test_the_basin_is_a_sphere_s_piece_closed_but_for_its_channel(name):
    g = make_geometry(preset(name))
    levels, rows, columns = g.preset.shape
    assert g.wet.shape == (levels, rows, columns)
    assert np.isclose(g.thickness.sum(), 4000.0)
    assert (np.diff(g.thickness) > -1e-9).all()
    # Mercator rows are square: dlat = dlon cos(lat), to second order in the spacing.
    square = np.diff(g.lat_edges) / (g.preset.spacing * np.cos(np.radians(g.lat)))
    assert np.abs(square - 1).max() < (g.preset.spacing / 20) ** 2
    band = RADIUS**2 * np.radians(g.preset.spacing * columns) * 2 * np.sin(np.radians(g.lat_edges[-1]))
    assert np.isclose(g.area.sum(), band, rtol=(g.preset.spacing / 50) ** 2)
    wall = g.wet[0, :, g.preset.columns :]
    in_channel = (g.lat > CHANNEL[0]) & (g.lat < CHANNEL[1])
    assert wall[in_channel].all()
    assert not wall[~in_channel].any()
    assert (g.wet[:-1] >= g.wet[1:]).all(), "a column is wet from the surface to its bottom"
    assert g.wet[0, :, : g.preset.columns].all()


def test_the_bottom_is_a_bowl_with_a_sill():
    g = make_geometry(preset("R1"))
    depth = (g.wet * g.thickness[:, None, None]).sum(axis=0)
    middle = depth[np.abs(g.lat) < 30]
    assert middle[:, 25].min() > 3900
    assert 1900 < middle[:, 0].max() < 2600
    south = np.argmin(np.abs(g.lat + 55))
    assert 2300 < depth[south, 9:11].min() < 2800, "the sill, ten degrees from the western edge"
    assert depth[south, 30] > 3900, "no walls within the channel"


def test_wind_passes_its_nodes():
    nodes = np.array([-70.0, -45.0, -15.0, 0.0, 15.0, 45.0, 70.0])
    assert np.allclose(climate.wind_stress(nodes, DINO), [0, 0.2, -0.1, -0.02, -0.1, 0.1, 0])
    stronger = climate.wind_stress(nodes, ForcingParameters(wind_stress=0.3))
    assert np.allclose(stronger - climate.wind_stress(nodes, DINO), [0, 0.1, 0, 0, 0, 0, 0])


def test_the_north_is_warmest_in_july_and_the_south_in_january():
    days = np.arange(0, 360, 5)
    north = [climate.restoring_temperature(np.array([60.0]), d, DINO)[0] for d in days]
    south = [climate.restoring_temperature(np.array([-60.0]), d, DINO)[0] for d in days]
    assert days[np.argmax(north)] == 200
    assert days[np.argmax(south)] == 20
    assert np.ptp(north) > 4 * np.ptp(south)
    ends = climate.restoring_temperature(np.array([-70.0, 0.0, 70.0]), 110.0, DINO)
    assert np.allclose(ends, [-0.5, 27.0, 5.0], atol=0.01), "spring: no season"


def test_parameters_do_what_they_say():
    base = climate.restoring_temperature(LAT, 30.0, DINO)
    assert np.allclose(climate.restoring_temperature(LAT, 30.0, ForcingParameters(warming=2.0)), base + 2.0)
    flat = climate.restoring_temperature(LAT, 30.0, ForcingParameters(temperature_contrast=0.0))
    assert np.allclose(flat, 27.0)
    weight = np.cos(np.radians(LAT))
    means = [
        (climate.restoring_salinity(LAT, ForcingParameters(salinity_contrast=c)) * weight).sum() / weight.sum()
        for c in (0.7, 1.0, 1.3)
    ]
    assert np.ptp(means) < 1e-3, "the salinity's contrast adds no salt"


def test_ensembles_fill_their_ranges_and_hold_whole_members_out():
    members = ensemble(36, seed=3)
    roles = [m.role for m in members]
    assert {r: roles.count(r) for r in set(roles)} == {"train": 27, "validation": 3, "interior": 4, "end": 2}
    table = np.array([m.parameters.values() for m in members])
    for k, name in enumerate(NAMES):
        low, high = RANGES[name]
        assert (table[:, k] >= low).all()
        assert (table[:, k] <= high).all()
    warm = table[:, NAMES.index("warming")]
    is_end = np.array(roles) == "end"
    assert (warm[is_end] >= END_WARMING).all()
    assert (warm[~is_end] <= END_WARMING).all()
    stress = np.sort(table[:27, 0])
    assert len(np.unique(np.floor((stress - 0.1) / 0.2 * 27))) == 27, "one in each stratum"
    assert ensemble(36, seed=3) == members
    assert ensemble(36, seed=4) != members


def test_too_small_an_ensemble_is_refused():
    with pytest.raises(ConfigError, match="at least 4"):
        ensemble(3, 0)


def test_weather_is_a_function_of_the_day_with_unit_variance_and_a_month_s_memory():
    whole = weather.coefficients(1, 2, 0, 3600)
    assert np.allclose(whole[500:620], weather.coefficients(1, 2, 500, 120))
    assert whole.var() == pytest.approx(1.0, abs=0.1)
    lag = (whole[30:] * whole[:-30]).mean() / whole.var()
    assert lag == pytest.approx(np.exp(-1.0), abs=0.06)
    other = weather.coefficients(1, 3, 0, 3600)
    assert abs((whole * other).mean()) < 0.05
    patterns = weather.modes(LAT, (np.arange(16) + 0.5) / 16)
    assert (patterns**2).sum(axis=0).mean() == pytest.approx(1.0, abs=0.05)


def test_forcing_ramps_and_its_rows_do_not_depend_on_how_a_run_is_cut():
    plan = ForcingPlan(0, 5, DINO, ForcingParameters(warming=4.0), 720, first_day=30)
    whole = forcing_rows(plan, LAT, 0.0, 800, 1.0)
    part = forcing_rows(plan, LAT, 300.0, 10, 1.0)
    assert np.array_equal(whole.profiles[300:310], part.profiles)
    assert np.array_equal(whole.weather[300:310], part.weather)
    calm = forcing_rows(ForcingPlan(0, -1, DINO, DINO, 0), LAT, 0.0, 1, 1.0)
    assert not calm.weather.any()
    year_on = whole.profiles[360 + 100, 1] - whole.profiles[100, 1]
    assert np.allclose(year_on, 2.0), "half the ramp later, half the warming"
