"""The surrogates that ship in the wheel: small, and better than persistence in a year they never saw."""

import pytest

from halocline.data.store.store import open_store
from halocline.evaluate.forecast.evaluate import evaluate_forecast
from halocline.evaluate.forecast.file import open_forecast
from halocline.runtime.device import choose_compute
from halocline.runtime.model_folder import read_model
from halocline.systems.forecasting import Request, run_forecast
from halocline.systems.shipped import model_path, shipped_models
from halocline.worlds.arctic.run import simulate

NAMES = ("arctic-surrogate-100km", "arctic-onepass-100km")


@pytest.mark.parametrize("name", NAMES)
def test_it_is_small_and_its_card_names_the_command_that_trained_it(name):
    assert name in shipped_models()
    assert sum(f.stat().st_size for f in model_path(name).iterdir()) <= 4_000_000
    card = read_model(model_path(name))[2]
    assert card["command"].startswith(f"halocline train {name} ")
    assert (card["name"], card["recipe"]) == (name, "surrogate")


@pytest.fixture(scope="module")
def year(tmp_path_factory):
    out = tmp_path_factory.mktemp("year") / "a.zarr"
    return simulate(out, resolution_km=100, years=1, spinup_years=0, interval_hours=12, seed=4321, quiet=True)


@pytest.fixture(scope="module", params=[pytest.param(NAMES[0], marks=pytest.mark.slow), NAMES[1]])
def card(year, request):
    """Two days from three dates of a year with another seed."""
    out = year.with_name(f"{request.param}.zarr")
    asked = Request(
        model=request.param, start=year, out=out, days=2, members=4, starts=3, steps=4, split="all", quiet=True
    )
    run_forecast(asked, choose_compute("cpu", "fp32"))
    return evaluate_forecast(open_forecast(out, "surrogate"), open_store(year))


@pytest.mark.parametrize(("variable", "share"), [("sit", 0.8), ("sic", 0.9), ("drift", 0.6)])
def test_after_two_days_it_is_closer_than_persistence(card, variable, share):
    own, kept = (
        card.row("rmse_ocean", variable, lead_hours=48.0, source=source).value
        for source in ("surrogate", "persistence")
    )
    assert own < share * kept


def test_members_differ_and_keep_their_bounds(card):
    assert card.row("spread_skill_ocean", "drift", lead_hours=48.0).value > 0.4
    outside = [r.value for r in card.rows if r.id == "out_of_bounds" and r.source == "surrogate"]
    assert outside
    assert max(outside) == 0
