"""The model that ships in the wheel: small, sound, and ready seconds after installing."""

import subprocess
import sys

import numpy as np
import pytest

from halocline.data.files.states import open_states
from halocline.runtime.device import choose_compute
from halocline.runtime.model_folder import read_model
from halocline.systems.loading import load_model
from halocline.systems.shipped import model_path, shipped_models


def test_there_is_one_and_it_is_small():
    assert "arctic-100km" in shipped_models()
    size = sum(f.stat().st_size for f in model_path("arctic-100km").iterdir())
    assert size <= 8_000_000


def test_its_card_names_the_command_that_trained_it():
    card = read_model(model_path("arctic-100km"))[2]
    assert card["command"].startswith("halocline train arctic-100km")
    assert card["data_provenance"]["resolution_km"] == 100
    assert card["data_fingerprint"]


@pytest.mark.parametrize("precision", ["fp32", "auto"])
def test_its_states_look_like_arctic_ice(precision):
    """Wide physical limits: a broken file or codec falls outside, sampling noise does not."""
    chain = load_model("arctic-100km", choose_compute("cpu", precision)).with_sampler("multistep", 12)
    states = chain.generate(6, seed=5, quiet=True)
    extent = (states["area"] * (states["sic"] > 0.15)).sum(("y", "x")).values / 1e12
    volume = (states["area"] * states["sit"]).sum(("y", "x")).values / 1e12
    assert (extent > 2).all()
    assert (extent < 17).all()
    assert (volume > 1).all()
    assert (volume < 45).all()
    np.testing.assert_array_equal(states["sit"].values == 0, states["sic"].values == 0)


def test_the_command_of_the_readme(tmp_path):
    out = tmp_path / "states.nc"
    command = [sys.executable, "-m", "halocline", "generate", "arctic-100km", "--members", "8", "--out", str(out)]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert open_states(out).sizes["member"] == 8
