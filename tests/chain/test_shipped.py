"""The models of sea ice that ship in the wheel: small, sound, and ready seconds after installing."""

import subprocess
import sys

import numpy as np
import pytest

from halocline.data.files.states import open_states
from halocline.runtime.device import choose_compute
from halocline.runtime.model_folder import read_model
from halocline.systems.loading import load_model
from halocline.systems.shipped import model_path, shipped_models


@pytest.mark.parametrize("resolution", [100, 50])
def test_they_are_small_and_their_cards_name_the_commands_that_trained_them(resolution):
    name = f"arctic-{resolution}km"
    assert name in shipped_models()
    assert sum(f.stat().st_size for f in model_path(name).iterdir()) <= 8_000_000
    card = read_model(model_path(name))[2]
    assert card["command"].startswith(f"halocline train {name}")
    assert card["data_provenance"]["resolution_km"] == resolution
    assert card["data_fingerprint"]


@pytest.mark.parametrize(
    ("name", "precision", "members"),
    [("arctic-100km", "fp32", 6), ("arctic-100km", "auto", 6), ("arctic-50km", "auto", 3)],
)
def test_their_states_look_like_arctic_ice(name, precision, members):
    """Wide physical limits: a broken file or codec falls outside, sampling noise does not."""
    chain = load_model(name, choose_compute("cpu", precision)).with_sampler("multistep", 12)
    states = chain.generate(members, seed=5, quiet=True)
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


def test_a_folder_of_the_same_name_is_taken_and_said_to_be(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert model_path("arctic-100km").is_absolute()
    (tmp_path / "arctic-100km").mkdir()
    with pytest.warns(UserWarning, match="not the one of that name that ships"):
        assert model_path("arctic-100km").resolve() == tmp_path / "arctic-100km"
