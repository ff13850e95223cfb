"""Generators offer every registered constraint on their kind of states; it acts only if it is chosen by name."""

import numpy as np
import pytest

from halocline.constraints.protocol import Constraint
from halocline.constraints.registry import CONSTRAINTS
from halocline.runtime.device import choose_compute
from halocline.systems.loading import load_model


class Halved(Constraint):
    """The first channel is at most half of what it was drawn as; not a projection, but easy to see."""

    name, unit, tolerance = "halved", "1", np.inf
    needs = "any"

    @classmethod
    def of(cls, setting):
        assert setting.variables
        return cls()

    def residual(self, states):
        return np.zeros(len(states))

    def project(self, states):
        out = states.copy()
        out[:, 0] *= np.float32(0.5)
        return out


@pytest.mark.parametrize("kind", ["model_path", "ocean_model_path"])
@pytest.mark.parametrize("needs", ["any", "ice", "ocean"])
def test_a_registered_constraint_can_be_chosen(kind, needs, request, monkeypatch):
    monkeypatch.setitem(CONSTRAINTS._things, "halved", type("OfKind", (Halved,), {"needs": needs}))
    model = load_model(request.getfixturevalue(kind), choose_compute("cpu", "fp32"))
    fits = needs in ("any", "ocean" if kind == "ocean_model_path" else "ice")
    assert ("halved" in [placed.name for placed in model.offered]) == fits
    assert "halved" not in [placed.name for placed in model.chain.constraints]
    if fits:
        name = model.codec.channels[0].removesuffix("_00")
        free, held = (
            model.with_constraints([chosen]).generate(2, 1, quiet=True)[name] for chosen in ("none", "halved")
        )
        surface = {"depth": 0} if "depth" in free.dims else {}
        np.testing.assert_array_equal(held.isel(surface), 0.5 * free.isel(surface))
