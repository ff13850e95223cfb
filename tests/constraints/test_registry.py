"""The registry of constraints: names, and one of the user's own."""

import numpy as np
import pytest

import halocline
from halocline.constraints.protocol import Constraint, Setting
from halocline.constraints.registry import CONSTRAINTS
from halocline.data.fields.variables import variable
from halocline.runtime.errors import InputError
from tests.ocean_toy import toy_ocean_dataset

NAMES = ("contents", "ice-bounds", "patterns", "sort", "southern-border", "stability")


def test_what_a_class_says_of_itself():
    assert tuple(CONSTRAINTS) == NAMES
    for name in NAMES:
        kind = CONSTRAINTS[name]
        assert kind.name == name
        assert kind.needs == ("ice" if name == "ice-bounds" else "ocean")
        assert kind.unit


def test_ocean_constraints_refuse_ice():
    setting = Setting((variable("sit"),))
    for name in ("contents", "sort", "stability"):
        with pytest.raises(InputError, match="variables sit"):
            CONSTRAINTS[name].of(setting)


class Warm(Constraint):
    """No water below 10 degC."""

    name, unit, needs, tolerance = "warm", "degC", "any", 0.0

    @classmethod
    def of(cls, setting):
        return cls()

    def residual(self, states):
        return np.maximum(0.0, 10.0 - np.nanmin(states[:, :8], axis=(1, 2, 3)))

    def project(self, states):
        out = states.copy()
        out[:, :8] = np.maximum(out[:, :8], 10.0)
        return out


def test_a_constraint_of_ones_own(monkeypatch):
    monkeypatch.setitem(CONSTRAINTS._things, "warm", Warm)
    out, [moved] = halocline.constrain(toy_ocean_dataset(), ["warm"])
    assert float(out["thetao"].min()) == 10.0
    assert moved.name == "warm"
    assert moved.unit == "degC"
    assert moved.residual_before > 0 == moved.residual_end
    assert moved.rms_change["so"] == 0


def test_the_published_border_on_a_dataset():
    dataset = toy_ocean_dataset()
    out, [moved] = halocline.constrain(dataset, ["southern-border"])
    assert moved.residual_before > 0 == moved.residual_after
    np.testing.assert_array_equal(out["thetao"][..., 2:, :], dataset["thetao"][..., 2:, :])
