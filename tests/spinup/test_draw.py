"""States drawn for the targets are drawn once for each model."""

from types import SimpleNamespace

import numpy as np

from halocline.data.files.open import read_dataset
from halocline.experiments.drawn import DRAWS, draw_states
from halocline.runtime.seals.json_object import read_json, write_json
from halocline.worlds.dino.parameters import ForcingParameters


def test_states_of_the_same_model_are_kept_and_of_another_drawn_again(ocean_model_path, tmp_path):
    target = SimpleNamespace(name="member-001", forcing=ForcingParameters(wind_stress=0.12))
    path, seconds = draw_states(str(ocean_model_path), [target], 3, tmp_path)
    states = read_dataset(path)
    assert states.sizes["member"] == DRAWS
    assert (states["wind_stress"] == 0.12).all()
    assert "storms" in states.coords  # what the model does not depend on is written all the same
    before = path.stat().st_mtime_ns
    assert draw_states(str(ocean_model_path), [target], 3, tmp_path) == (path, seconds)
    assert path.stat().st_mtime_ns == before
    cost = path.with_suffix(".json")
    write_json(cost, read_json(cost, "cost of the drawing") | {"model": "another"})
    draw_states(str(ocean_model_path), [target], 3, tmp_path)
    assert path.stat().st_mtime_ns > before
    np.testing.assert_array_equal(read_dataset(path)["thetao"], states["thetao"])
