"""The table of other limits: a median that rests on what was not reached says so."""

from types import SimpleNamespace

import pytest

from halocline.report.spinup.beside import tiers_table
from halocline.spinup.criterion import Criterion
from halocline.spinup.methods import METHODS
from halocline.spinup.outcome import Outcome, Stage

GOOD = dict.fromkeys(
    [
        *(
            f"{kind}_{name}{part}"
            for kind in ("drift", "distance")
            for name in ("thetao", "so")
            for part in ("", "_upper")
        ),
        *("acc", "moc"),
    ],
    0.0,
)


def _outcome(target, arrives):
    stages = tuple(
        Stage(float(y), 1.0, "plain", GOOD if arrives and y >= arrives else GOOD | {"distance_thetao": 9.0}, "r")
        for y in range(10, 102, 2)
    )
    return Outcome(target, "interior", "cold", stages, {}, (), None)


@pytest.mark.parametrize(
    ("arrivals", "shown"),
    [
        ((50,), "50.0 (1 of 1)"),
        ((None,), "> 100 (0 of 1)"),
        ((50, None), "> 75.0 (1 of 2)"),
        ((50, 60, None), "60.0 (2 of 3)"),
        ((50, None, None), "> 100 (1 of 3)"),
    ],
)
def test_a_median_with_targets_that_did_not_arrive_is_a_bound(arrivals, shown):
    outcomes = [_outcome(f"t{k}", arrives) for k, arrives in enumerate(arrivals)]
    plan = SimpleNamespace(methods=[METHODS["cold"]], criterion=Criterion())
    assert tiers_table(SimpleNamespace(outcomes=outcomes), plan).lines[0][2] == shown
