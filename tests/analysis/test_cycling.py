"""Cycles with a toy generator and forecasts that persist."""

import numpy as np
import pytest

from halocline.analysis.cycling import Cycling
from halocline.analysis.methods.base import Settings
from halocline.chain.forecast.baselines import Persistence
from halocline.runtime.device import choose_compute
from halocline.runtime.errors import InputError
from halocline.systems.loading import load_model
from tests.analysis.test_analyse import NAMES, observed

DAYS = [24 * 74, 24 * 75, 24 * 77]


@pytest.fixture(scope="module")
def model(data_space_model_path):
    return load_model(data_space_model_path, choose_compute("cpu", "fp32")).with_sampler("heun", 6)


@pytest.fixture(scope="module")
def starts(model):
    """Four members with snow of a tenth of their thickness, and a truth."""
    drawn = model.generate(5, 3, quiet=True)
    states = np.nan_to_num(np.stack([drawn[name].values for name in NAMES], axis=1))
    with_snow = np.concatenate([states, 0.1 * states[:, :1]], axis=1)
    return with_snow[:4], states[4]


def test_without_analyses_the_forecast_goes_on(model, starts):
    cycling = Cycling(model, Persistence(), None, method=None)
    cycles = list(cycling.run(starts[0], DAYS, [None, None]))
    assert [c.hour for c in cycles] == DAYS[1:]
    for c in cycles:
        np.testing.assert_array_equal(c.after, starts[0])


@pytest.mark.parametrize("method", ["etkf", "resample"])
def test_analyses_come_nearer_and_go_on_from_there(model, starts, method):
    members, truth = starts
    table = observed(model, truth, ("sic", "sit"), error=0.03)
    cycling = Cycling(model, Persistence(), None, method, Settings(3, radius_km=2000.0, level=1.0))
    first, second = cycling.run(members, DAYS, [table, None])
    np.testing.assert_array_equal(first.before, members)
    np.testing.assert_array_equal(second.after, first.after)  # nothing was observed, and forecasts persist
    wet, off = model.grid.mask, [np.abs(s[:, 1].mean(axis=0) - truth[1]) for s in (first.before, first.after)]
    assert off[1][wet].mean() < 0.8 * off[0][wet].mean()
    snow, cover, was = first.after[:, 5], first.after[:, 1], first.before[:, 1]
    assert (snow[cover == 0] == 0).all()
    assert (snow >= 0).all()
    both = (was > 0.01) & wet
    np.testing.assert_allclose(snow[both] * was[both], members[:, 5][both] * cover[both], atol=1e-5)
    again = next(cycling.run(members, DAYS[:2], [table]))
    np.testing.assert_array_equal(again.after, first.after)


def test_what_cannot_be_cycled_is_said(model, starts):
    with pytest.raises(InputError, match="one without sid"):
        Cycling(model, Persistence(("sit", "sic", "siu", "siv")), None)
    cycling = Cycling(model, Persistence(), None, method=None)
    with pytest.raises(InputError, match="a multiple of 12"):
        list(cycling.run(starts[0], [0, 7], [None]))
