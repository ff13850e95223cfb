"""Philox: Random123's known answers, the same bits by NumPy and PyTorch, normal and independent numbers."""

import numpy as np
import pytest
import torch
from scipy import stats

from halocline.runtime import keyed
from halocline.runtime.errors import ConfigError
from halocline.runtime.noise import device as on_device
from halocline.runtime.noise import philox
from halocline.runtime.noise.device import Pending, member_noise, noise_kind
from halocline.runtime.noise.normals import normals_of

CPU = torch.device("cpu")
KNOWN = (  # counter, key, words: kat_vectors of Random123 1.14
    ("00000000 00000000 00000000 00000000", "00000000 00000000", "6627e8d5 e169c58d bc57ac4c 9b00dbd8"),
    ("ffffffff ffffffff ffffffff ffffffff", "ffffffff ffffffff", "408f276d 41c83b0e a20bc7c6 6d5451fd"),
    ("243f6a88 85a308d3 13198a2e 03707344", "a4093822 299f31d0", "d16cfe09 94fdcceb 5001e420 24126ea1"),
)


def words(text):
    return np.array([int(word, 16) for word in text.split()], np.uint32)


@pytest.mark.parametrize(("counter", "key", "expected"), KNOWN)
def test_known_answers(counter, key, expected):
    np.testing.assert_array_equal(philox.philox4x32(words(counter), words(key)), words(expected))
    by_torch = on_device.philox4x32(*(torch.from_numpy(words(text).astype(np.int64)) for text in (counter, key)))
    np.testing.assert_array_equal(np.array(by_torch, np.uint32), words(expected))


def test_torch_gives_the_bits_of_numpy(monkeypatch):
    keys, shape = [("sampler", 3, member) for member in (0, 7, 2**31)], (5, 17, 33)
    expected = philox.normal_rows(-4, keys, shape)
    assert expected.dtype == np.float32
    np.testing.assert_array_equal(on_device.normal_rows(-4, keys, shape, CPU).numpy(), expected)
    monkeypatch.setattr(on_device, "_AT_ONCE", 100)
    np.testing.assert_array_equal(on_device.normal_rows(-4, keys, shape, CPU).numpy(), expected)


def test_other_devices_go_the_same_way():
    made = on_device.normal_rows(0, [("sampler", 0, 1)], (3, 5, 7), torch.device("meta"))
    assert (made.shape, made.dtype, made.device.type) == ((1, 3, 5, 7), torch.float32, "meta")


def test_normals_are_those_of_the_library_s_functions():
    rng = np.random.default_rng(0)
    first, second = (np.r_[0, 2**32 - 1, 2**31, rng.integers(2**32, size=10_000)].astype(np.float64) for _ in range(2))
    x, y, _, _ = normals_of([first, second, first, second], np)
    r, turn = np.sqrt(-2 * np.log((first + 0.5) / 2**32)), 2 * np.pi * (second + 0.5) / 2**32
    np.testing.assert_allclose(x, r * np.cos(turn), atol=1e-12)
    np.testing.assert_allclose(y, r * np.sin(turn), atol=1e-12)
    assert 6.7 < r.max() < 6.8  # the farthest number that 32 bits give


def test_a_member_is_the_same_alone_and_others_are_others():
    many = member_noise("philox", 5, range(6), (3, 4, 4), CPU, "sampler", 2)
    torch.testing.assert_close(many[4], member_noise("philox", 5, [4], (3, 4, 4), CPU, "sampler", 2)[0], rtol=0, atol=0)
    others = [member_noise("philox", s, [4], (3, 4, 4), CPU, p, n) for s, p, n in ((6, "sampler", 2), (5, "x", 2))]
    others.append(member_noise("philox", 5, [4], (3, 4, 4), CPU, "sampler", 3))
    assert all((other[0] - many[4]).abs().max() > 0.1 for other in others)
    host = member_noise("keyed", 5, range(6), (3, 4, 4), CPU, "sampler", 2)
    np.testing.assert_array_equal(host, keyed.member_normal(5, range(6), (3, 4, 4), "sampler", 2))
    with pytest.raises(ConfigError, match="philox"):
        noise_kind("filox")


def test_statistics_are_those_of_the_host_s_noise():
    """Moments, tails, neighbours within a member, members among each other; the two are not told apart."""
    n, shape = 40, (1, 100, 100)
    ours = member_noise("philox", 0, range(n), shape, CPU, "sampler", 0).numpy().reshape(n, -1)
    theirs = keyed.member_normal(0, range(n), shape, "sampler", 0).reshape(n, -1)
    size = ours.size
    for values in (ours, theirs):
        flat = values.ravel().astype(np.float64)
        assert abs(flat.mean()) < 4 / np.sqrt(size)
        assert abs(flat.var() - 1) < 4 * np.sqrt(2 / size)
        assert abs((flat**3).mean()) < 4 * np.sqrt(15 / size)
        assert abs((flat**4).mean() - 3) < 4 * np.sqrt(96 / size)
        beyond = (np.abs(flat) > 3).mean()
        assert abs(beyond - 0.0026998) < 4 * np.sqrt(0.0027 / size)
        for lag in (1, 2, 3, 4, 100):
            assert abs((values[:, lag:] * values[:, :-lag]).mean()) < 4.5 / np.sqrt(size)
        assert np.abs(np.corrcoef(values) - np.eye(n)).max() < 5 / np.sqrt(values.shape[1])
    assert stats.kstest(ours.ravel()[::4], "norm").pvalue > 1e-3
    assert stats.ks_2samp(ours.ravel()[::4], theirs.ravel()[::4]).pvalue > 1e-3


@pytest.mark.parametrize("shape", [(6, 2, 4, 4), (3, 6, 2, 4, 4)])
def test_parts_of_a_batch_are_the_batch(shape):
    whole = Pending(1, ("noise", 7), shape, slice(0, 6)).to(CPU)
    parts = [Pending(1, ("noise", 7), shape, slice(k, k + 2)).to(CPU) for k in (0, 2, 4)]
    assert whole.shape == shape
    torch.testing.assert_close(torch.cat(parts, dim=-4), whole, rtol=0, atol=0)
    assert Pending(1, ("noise", 7), (5,), slice(0, 2)).to(CPU).shape == (5,)
