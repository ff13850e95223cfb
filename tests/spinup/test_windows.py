"""Windows over blocks, and when a run counts as having arrived."""

from dataclasses import dataclass

import numpy as np
import pytest

from halocline.spinup.block import Block, stretches
from halocline.spinup.criterion import Criterion
from halocline.spinup.outcome import judge
from halocline.spinup.windows import windows
from tests.spinup.test_criterion import METRIC, REFERENCE, STATE


def _block(offsets, began="plain", years=10.0, cpu=20.0):
    shape = np.array([1.0, 0.0])[:, None, None, None]
    states = np.stack([STATE + offset * shape for offset in offsets])
    return Block(states, [{"acc": 150.0, "moc_upper": 8.0}] * len(offsets), years, cpu, began)


@dataclass
class _Run:
    blocks: tuple
    crash: None = None


def _judge(*blocks):
    return judge("t", "interior", "cold", _Run(blocks), METRIC, [REFERENCE], Criterion())


def test_windows_come_every_two_years_and_cross_blocks():
    found = list(windows([_block(range(10), "start", 11.0, 22.0), _block(range(10, 20)), _block(range(20, 30))]))
    assert [w.years for w in found] == [11 + 2 * k for k in range(11)]
    assert [w.cpu_seconds for w in found] == pytest.approx([22 + 4 * k for k in range(11)])
    first = [(w.states[0] - STATE)[0, 0, 0, 0] for w in found]
    assert first == [2 * k for k in range(11)]
    assert [w.began for w in found][:3] == ["start", "plain", "plain"]


def test_no_window_crosses_an_extrapolation():
    blocks = [_block([0] * 10, "start"), _block([0] * 10), _block([5] * 10, "mixed"), _block([5] * 10, "jump")]
    assert [len(part) for part in stretches(blocks)] == [2, 1, 1]
    found = list(windows(blocks))
    assert [w.years for w in found] == [10, 12, 14, 16, 18, 20, 30, 40]
    assert all(np.ptp(w.states, axis=0).max() == 0 for w in found)
    crashed = [*blocks, _block([5] * 10, "crashed", 10.5, 25.0)]
    assert [w.years for w in windows(crashed)][-5:] == [42.5, 44.5, 46.5, 48.5, 50.5]


def test_two_consecutive_windows_must_pass_and_the_first_one_counts():
    steady = _judge(_block([0.0] * 10, "start"), _block([0.0] * 10))
    assert steady.reached["whole"].years == 10
    assert _judge(_block([0.0] * 10, "start")).reached["whole"] is None, "one window is no confirmation"
    passing = _judge(_block([0.5 - 0.1 * k for k in range(10)], "start"), _block([-0.5 - 0.1 * k for k in range(10)]))
    assert min(abs(s.figures["distance_thetao"]) for s in passing.stages) < 0.1, "its mean passes by the equilibrium"
    assert passing.reached["whole"] is None
    late = _judge(_block([3.0] * 10, "start"), _block([0.0] * 10), _block([0.0] * 10))
    assert late.reached["whole"].years == 20
    assert late.misses == ()


def test_two_extrapolated_blocks_confirm_each_other():
    outcome = _judge(_block([3.0] * 10, "start"), _block([0.0] * 10, "mixed"), _block([0.01] * 10, "mixed"))
    assert outcome.reached["whole"].years == 20
