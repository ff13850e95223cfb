"""The ocean model that ships in the wheel: small, conditioned on forcing and season, and stable as drawn."""

import subprocess
import sys

import numpy as np
import pytest

from halocline.data.files.ocean import ocean_states
from halocline.data.files.open import read_dataset
from halocline.data.store.store import open_store
from halocline.physics.eos import DINO_EOS
from halocline.physics.stability import density_error
from halocline.runtime.device import choose_compute
from halocline.runtime.model_folder import read_model
from halocline.systems.loading import load_model
from halocline.systems.shipped import model_path, reference_path, shipped_models


@pytest.fixture(scope="module")
def chain():
    return load_model("dino-R4", choose_compute("cpu", "fp32"))


def test_it_is_small_and_its_card_names_the_command_that_trained_it():
    assert "dino-R4" in shipped_models()
    assert sum(f.stat().st_size for f in model_path("dino-R4").iterdir()) <= 8_000_000
    card = read_model(model_path("dino-R4"))[2]
    assert card["command"].startswith("halocline train dino ")
    assert card["data_provenance"]["preset"] == "R4"
    reference = open_store(reference_path("dino-R4"))
    assert reference.grid.is_same_as(card["grid"]["fingerprint"])
    assert reference.attributes["provenance"]["subset_of"] == card["data_fingerprint"]
    assert reference.roles.count("interior") == 4


def test_its_states_are_stable_and_their_warming_is_that_which_was_asked_for(chain):
    """Two forcings with the same noise: the difference of the states is the response to 3 K."""
    cold, warm = (
        ocean_states(chain.generate(3, seed=5, conditions={"warming": w, "day_of_year": 90.0}, quiet=True))
        for w in (-1.0, 2.0)
    )
    for found in (cold, warm):
        thetao, so, zos = found.layout.select(found.states, "thetao", "so", "zos")
        assert (density_error(thetao, so, found.layout.grid, DINO_EOS, reference="both") == 0).all()
        assert np.nanmin(so) > 33
        assert np.nanmax(so) < 39
        assert np.nanmax(np.abs(zos)) < 4
    wet = warm.layout.grid.mask
    response = (warm.states[:, 0] - cold.states[:, 0])[:, wet].mean(axis=1)
    assert (response > 2.0).all()
    assert (response < 4.0).all()


def test_the_command_of_the_readme(tmp_path):
    out = tmp_path / "ocean.nc"
    command = [
        sys.executable,
        "-m",
        "halocline",
        "generate",
        "dino-R4",
        "--members",
        "8",
        "--condition",
        "warming=2",
        "--out",
        str(out),
    ]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    states = read_dataset(out)
    assert states.sizes["member"] == 8
    assert (states["warming"] == 2).all()
    assert len(ocean_states(states).members()) == 8
