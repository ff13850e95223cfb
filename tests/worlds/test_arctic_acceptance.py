"""The acceptance bands of the Arctic world, on two years at 100 km."""

import numpy as np
import pytest
import safetensors.numpy

from halocline.worlds.arctic.budget import TERMS
from halocline.worlds.arctic.member import final_restart
from halocline.worlds.arctic.model import CHANNELS

pytestmark = pytest.mark.slow  # two years are simulated

MONTH_ENDS = np.cumsum([31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31])
MARCH, APRIL, SEPTEMBER = 2, 3, 8


@pytest.fixture(scope="module")
def states(arctic):
    return np.stack([arctic.read(0, k) for k in range(len(arctic.hours))])


@pytest.fixture(scope="module")
def month(arctic):
    return np.searchsorted(MONTH_ENDS, arctic.hours % 8760 / 24.0, side="right")


@pytest.fixture(scope="module")
def winter(arctic, states, month):
    """January to mid-March, north of 72 N, SIC > 0.8: (where (time, y, x))."""
    day = arctic.hours % 8760 / 24.0
    return (day < 75)[:, None, None] & (arctic.grid.lat > 72.0) & (states[:, 1] > 0.8)


def test_layout(arctic):
    assert arctic.channels == CHANNELS
    assert arctic.hours[0] == 0
    assert len(arctic.hours) == 2 * 730
    assert set(np.diff(arctic.hours)) == {12}


def test_values_stay_within_their_bounds_and_ice_is_all_or_nothing(states):
    sit, sic, sid, siu, siv, snt = (states[:, k] for k in range(6))
    assert np.isfinite(states).all()
    assert sit.min() == 0.0
    assert sit.max() < 15.0
    assert sic.min() == 0.0
    assert sic.max() == 1.0
    assert sid.min() == 0.0
    assert sid.max() < 1.0
    assert ((sic == 0) == (sit == 0)).all()
    assert sic[sic > 0].min() >= 0.0099  # the cut-off, less the cut mantissa
    for values in (sid, siu, siv, snt):
        assert (values[sic == 0] == 0).all()


def test_both_bounds_are_atoms(arctic, states, month):
    ocean = arctic.grid.mask
    march = states[month == MARCH][..., ocean]
    september = states[month == SEPTEMBER][..., ocean]
    assert 0.05 < (march[:, 1] == 1).mean() < 0.4
    assert 0.1 < (march[:, 0] == 0).mean() < 0.4
    assert 0.4 < (september[:, 0] == 0).mean() < 0.8


@pytest.mark.parametrize("year", [0, 1])
def test_extent_and_volume(arctic, states, month, year):
    def mean(values, which):
        return values[(month == which) & (arctic.years() == year)].mean()

    extent = ((states[:, 1] > 0.15) * arctic.grid.area).sum((1, 2)) / 1e12
    volume = (states[:, 0] * arctic.grid.area).sum((1, 2)) / 1e12
    assert 13 < mean(extent, MARCH) < 16
    assert 4 < mean(extent, SEPTEMBER) < 8
    assert 22 < mean(volume, APRIL) < 32
    assert extent[month == MARCH].max() == pytest.approx(extent.max(), rel=0.05)


def test_march_drift(arctic, states, month):
    where = (month == MARCH)[:, None, None] & (arctic.grid.lat > 72.0) & (states[:, 1] > 0.8)
    assert 4.0 < 100 * np.hypot(states[:, 3], states[:, 4])[where].mean() < 9.0


def test_drift_follows_the_wind_to_the_right(arctic, states, winter):
    where = winter & (arctic.grid.lat > 76.0)
    ice = (states[:, 3] + 1j * states[:, 4])[where]
    wind = (states[:, 8] + 1j * states[:, 9])[where]
    ice, wind = ice - ice.mean(), wind - wind.mean()
    factor = (np.conj(wind) * ice).mean() / (np.abs(wind) ** 2).mean()
    r2 = 1 - (np.abs(ice - factor * wind) ** 2).mean() / (np.abs(ice) ** 2).mean()
    assert 0.6 < r2 < 0.85
    assert 0.008 < abs(factor) < 0.02
    assert -30 < np.rad2deg(np.angle(factor)) < 0


def test_damage_is_skewed_and_broad(states, winter):
    sid = states[:, 2][winter]
    low, middle, high = np.percentile(sid, [10, 50, 90])
    assert high - low > 0.2
    assert middle - low > high - middle


def daily_gradients(arctic, states, winter):
    u, v = (states[:150, k].reshape(75, 2, *arctic.grid.shape).mean(1) for k in (3, 4))
    pack = winter[:150].reshape(75, 2, *arctic.grid.shape).all(1)
    valid = pack[:, :-1, :-1] & pack[:, :-1, 1:] & pack[:, 1:, :-1] & pack[:, 1:, 1:]
    scale = 86400 / (2 * arctic.grid.spacing)

    def gradient(q):
        a, b, c, d = q[:, :-1, :-1], q[:, :-1, 1:], q[:, 1:, :-1], q[:, 1:, 1:]
        return (b + d - a - c) * scale, (c + d - a - b) * scale

    return np.stack([*gradient(u), *gradient(v)]), valid


def total(g):
    return np.sqrt((g[0] + g[3]) ** 2 + (g[0] - g[3]) ** 2 + (g[1] + g[2]) ** 2)


def test_deformation_scales_with_the_box(arctic, states, winter):
    g, valid = daily_gradients(arctic, states, winter)
    scales, means = [], []
    for size in (1, 2, 4, 8):
        n = g.shape[2] // size * size
        shape = (-1, n // size, size, n // size, size)
        weight = valid[:, :n, :n].reshape(shape).astype(float)
        boxes = [(c[:, :n, :n].reshape(shape) * weight).sum((2, 4)) / weight.sum((2, 4)).clip(1) for c in g]
        scales.append(size)
        means.append(total(np.stack(boxes))[weight.mean((2, 4)) > 0.75].mean())
    assert -0.32 < np.polyfit(np.log(scales), np.log(means), 1)[0] < -0.15


def test_deformation_has_a_heavy_tail_and_nearly_rigid_plates(arctic, states, winter):
    g, valid = daily_gradients(arctic, states, winter)
    eps = total(g)[valid]
    assert np.percentile(eps, 99) > 6 * np.median(eps)
    assert eps.mean() > 1.3 * np.median(eps)


def test_years_differ(arctic, states, month):
    first, second = (states[arctic.years() == y] for y in (0, 1))
    assert np.corrcoef(first[:, 8].ravel(), second[:, 8].ravel())[0, 1] < 0.3


def test_volume_budget_closes(arctic, arctic_path):
    end = safetensors.numpy.load_file(final_restart(arctic_path, 0))
    volume = (end["state_volume"] * arctic.grid.area).sum()
    change = volume - end["start_volume"][0]
    gross = np.abs(end["budget"]).sum()
    assert end["budget"].sum() == pytest.approx(change, abs=1e-9 * gross)
    terms = dict(zip(TERMS, end["budget"], strict=True))
    for name in ("congelation", "open_water_growth", "snow_ice"):
        assert terms[name] > 0
    for name in ("surface_melt", "basal_melt", "cutoff", "outflow"):
        assert terms[name] < 0
    assert 0.3e12 < -terms["outflow"] / 3 < 4e12  # m3 a year, mainly through Fram and Denmark Straits
