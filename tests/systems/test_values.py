"""Values that mean something else are refused, and defaults fit the input."""

from pathlib import Path

import numpy as np
import pytest

from halocline.chain.dataset import require_finite
from halocline.chain.forecast.baselines import Persistence
from halocline.chain.forecast.request import ForecastRequest, run_request
from halocline.data.fields.calendar import hour_of
from halocline.data.fields.variables import Variable
from halocline.runtime.errors import ConfigError, InputError, ModelError
from halocline.runtime.words import named_numbers
from halocline.systems.config import load_config

TOY = str(Path(__file__).parents[1] / "toy.toml")
GOLDEN = Path(__file__).parents[1] / "golden"


@pytest.mark.parametrize(
    "change",
    [
        "denoiser.width=true",
        "denoiser.multipliers=[1,true]",
        "denoiser.training.batch=true",
        "denoiser.training.learning_rate=NaN",
        "denoiser.p_mean=Infinity",
        "denoiser.width=100000000",
        "denoiser.multipliers=[]",
        "denoiser.multipliers=[0]",
        "seed=99999999999999999999",
    ],
)
def test_values_of_recipes(change):
    with pytest.raises(ConfigError, match=r"configuration"):
        load_config(TOY, [change])


@pytest.mark.parametrize("text", [b"\xff\xfe", b"[" * 3000, b"recipe = "])
def test_recipes_that_are_no_toml(text, tmp_path):
    (tmp_path / "a.toml").write_bytes(text)
    with pytest.raises(ConfigError):
        load_config(str(tmp_path / "a.toml"))


@pytest.mark.parametrize(
    "text", ["2000-01-01 12:30", "2000-01-01T12:00Z", "2000-01-01 12+01", "2000-01-01 1_2", "２000-01-01"]
)
def test_dates_are_whole_hours_without_a_zone(text):
    assert hour_of("2000-01-02 12:00") == hour_of("2000-01-02T12") == 36
    with pytest.raises(InputError, match="whole hour"):
        hour_of(text)


def test_numbers_in_words_are_finite():
    assert named_numbers(["a=1.5"], "") == {"a": 1.5}
    for word in ("a=nan", "a=inf", "a=1e999"):
        with pytest.raises(ConfigError, match="no number"):
            named_numbers([word], "")


def test_a_store_has_the_members_it_has(store):
    for member, index in ((2, 0), (-1, 0), (0, 10**6)):
        with pytest.raises(InputError, match="0 to"):
            store.read(member, index)


def test_a_start_with_fewer_members_than_the_default_is_stepped_whole():
    start = GOLDEN / "states" / "forecast.zarr"
    made = run_request(Persistence(), ForecastRequest(start=start, days=0.5, quiet=True))
    assert made.sizes["member"] == 2
    with pytest.raises(ConfigError, match="at most 2"):
        run_request(Persistence(), ForecastRequest(start=start, days=0.5, members=3, quiet=True))


def test_what_is_drawn_is_finite_or_not_written():
    states = np.zeros((2, 1, 2, 2), np.float32)
    wet = np.array([[[True, True], [True, False]]])
    states[1, 0, 1, 1] = np.nan  # land
    require_finite(states, wet, ["sit"], [4, 5])
    states[1, 0, 0, 0] = np.inf
    with pytest.raises(ModelError, match="'sit' of member 5"):
        require_finite(states, wet, ["sit"], [4, 5])


@pytest.mark.parametrize(
    "wrong", [{"lower": True}, {"upper": float("nan")}, {"plausible": [0, True]}, {"unit": 5}, {"levelled": 1}]
)
def test_definitions_of_variables_hold_what_they_say(wrong):
    table = {"standard_name": "a", "long_name": "a", "unit": "m", "plausible": [0.0, 1.0]}
    assert Variable.of_definition("a", table).plausible == (0.0, 1.0)
    with pytest.raises(InputError, match=next(iter(wrong))):
        Variable.of_definition("a", table | wrong)
