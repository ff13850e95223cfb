"""The energy score of fields: against the CRPS, brute force, and the spread that it asks for."""

import pytest
import torch

from halocline.diffusion.crps import almost_fair_crps, multi_scale_crps
from halocline.diffusion.denoiser import NetworkDenoiser
from halocline.diffusion.energy import almost_fair_energy
from halocline.diffusion.given import Given
from halocline.diffusion.objectives.base import Batch
from halocline.diffusion.objectives.crps import EnsembleObjective
from halocline.diffusion.paths.linear import LinearPath
from halocline.runtime import keyed

SCALES = torch.arange(0.3, 2.01, 0.05)


def normal(*shape, key="energy"):
    return torch.from_numpy(keyed.normal(0, shape, key))


def best(score):
    """The scale of members that scores best."""
    return float(SCALES[torch.stack([score(scale).mean() for scale in SCALES]).argmin()])


def test_of_a_single_cell_it_is_the_crps():
    members, truth = normal(3, 50, 2, 1, 1), normal(50, 2, 1, 1, key="t")
    expected = almost_fair_crps(members, truth, 0.9)[..., 0, 0]
    torch.testing.assert_close(almost_fair_energy(members, truth, torch.ones(50, 1, 1, 1), 0.9), expected)


def test_against_the_definition():
    members, truth, weight = normal(4, 2, 3, 5, 6), normal(2, 3, 5, 6, key="t"), normal(2, 1, 5, 6, key="w").abs()
    share = weight / weight.sum(dim=(-2, -1), keepdim=True)

    def size(x):
        return (x**2 * share).sum(dim=(-2, -1)).sqrt()

    pairs = sum(size(members[j] - members[k]) for j in range(4) for k in range(4)) / 2
    error = sum(size(member - truth) for member in members) / 4
    torch.testing.assert_close(almost_fair_energy(members, truth, weight, 1.0), error - pairs / 12)
    torch.testing.assert_close(almost_fair_energy(members, truth, weight, 0.0), error - pairs / 16)


@pytest.mark.parametrize("count", [2, 4])
def test_fields_ask_for_the_spread_of_the_error(count):
    """The members' mean is N(0, 1) off, not known: the best spread is 1, whatever the number of members."""
    truth, members, weight = normal(20, 1, 32, 32, key="t"), normal(count, 20, 1, 32, 32), torch.ones(20, 1, 32, 32)
    scores = {s: float(almost_fair_energy(s * members, truth, weight, 1.0).mean()) for s in (0.8, 1.0, 1.25)}
    assert min(scores, key=scores.get) == 1.0
    assert scores[1.0] == pytest.approx(2**0.5 / 2, abs=0.01)


def test_rare_large_errors_count_with_their_square_and_not_with_their_size():
    """One cell in ten with an error of 3, the others of 0.3: rms 0.99. Normal members cannot tell which."""
    size = torch.where(torch.rand(20, 1, 32, 32, generator=torch.Generator().manual_seed(0)) < 0.1, 3.0, 0.3)
    truth, members, weight = size * normal(20, 1, 32, 32, key="t"), normal(2, 20, 1, 32, 32), torch.ones(20, 1, 32, 32)
    assert best(lambda s: almost_fair_energy(s * members, truth, weight, 1.0)) == pytest.approx(0.99, abs=0.1)
    assert best(lambda s: almost_fair_crps(s * members, truth, 1.0)) < 0.6


def test_cells_without_weight_do_not_count_and_a_sample_of_land_has_slope_zero():
    members, truth = normal(2, 2, 1, 4, 4).requires_grad_(), normal(2, 1, 4, 4, key="t")
    weight = torch.ones(2, 1, 4, 4)
    weight[0, :, :2], weight[1] = 0, 0
    score = almost_fair_energy(members, truth, weight)
    moved = truth + 50.0 * (1 - weight)
    assert torch.equal(score, almost_fair_energy(members, moved, weight))
    assert float(score[1].detach()) == 0.0
    score.sum().backward()
    assert torch.isfinite(members.grad).all()
    assert not members.grad[weight.expand_as(members) == 0].any()


class Noise(torch.nn.Module):
    """x_t itself."""

    def forward(self, x, level, vector, mask):
        return x[:, :3]


def batch_of(size):
    x0, eps = normal(size, 3, 8, 8, key="x"), normal(2, size, 3, 8, 8, key="e")
    given = Given(torch.zeros(size, 0, 8, 8), torch.ones(size, 1, 8, 8), torch.zeros(size, 0))
    weight = (normal(size, 1, 8, 8, key="w") > 0).float()
    return Batch(x0, torch.ones(size), eps, given, weight=weight)


def test_it_adds_to_the_objective_by_its_weight_and_by_default_not_at_all():
    net, batch = NetworkDenoiser(Noise(), LinearPath(), "clean"), batch_of(6)
    plain = EnsembleObjective().loss(net, batch)
    assert torch.equal(plain, multi_scale_crps(batch.eps, batch.x0, batch.weight, (1, 2, 4)))
    fields = almost_fair_energy(batch.eps, batch.x0, batch.weight) * batch.weight.sum(dim=(-2, -1))
    expected = plain + 0.7 * fields.sum() / (3 * batch.weight.sum())
    torch.testing.assert_close(EnsembleObjective(energy=0.7).loss(net, batch), expected)
