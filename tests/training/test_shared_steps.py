"""A step that is shared out over processes: the bits of one process, and whole checkpoints."""

import pytest
import torch
from torch import nn

from halocline.runtime.ranks import Ranks, joined_ranks
from halocline.training.optimizers import make_optimizers
from halocline.training.settings import TrainingSettings
from halocline.training.shared_steps import SharedSteps
from tests.training.forked import Forked, this_rank


class Net(nn.Module):
    """Kernels and matrices inside of blocks, and what AdamW moves."""

    def __init__(self):
        super().__init__()
        torch.manual_seed(3)
        self.first = nn.Conv2d(2, 8, 3)
        kernels = [nn.Conv2d(8, n, 3).to(memory_format=torch.channels_last) for n in (8, 4, 6)]
        self.blocks = nn.ModuleList([*kernels, nn.Linear(8, 5), nn.Linear(12, 7)])


def settings():
    return TrainingSettings(samples=8, batch=2, optimizer="muon-kernels")


def give_gradients(net, step):
    torch.manual_seed(100 + step)
    for parameter in net.parameters():
        parameter.grad = torch.randn(parameter.shape).to(memory_format=torch.preserve_format)


def train(steps, net, ranks):
    optimizers = make_optimizers(net, settings())
    shared = SharedSteps(optimizers, ranks)
    for step in steps:
        give_gradients(net, step)
        shared.step()
    shared.complete()
    return optimizers


def moments(net, optimizers):
    owner = {p: o for o in optimizers for g in o.param_groups for p in g["params"]}
    return {
        n: owner[p].state[p]["momentum_buffer"]
        for n, p in net.named_parameters()
        if "momentum_buffer" in owner[p].state[p]
    }


def one_process():
    net = Net()
    optimizers = make_optimizers(net, settings())
    for step in range(3):
        give_gradients(net, step)
        for optimizer in optimizers:
            optimizer.step()
    return net, moments(net, optimizers)


def share_steps():
    expected, kept = one_process()
    with joined_ranks(torch.device("cpu")) as ranks:
        net = Net()
        optimizers = train(range(3), net, ranks)
    same = all(torch.equal(a, b) for a, b in zip(net.parameters(), expected.parameters(), strict=True))
    found = moments(net, optimizers)
    print(this_rank(), same, len(found), all(torch.equal(found[name], kept[name]) for name in kept))


@pytest.mark.parametrize("count", [2, 3])
def test_processes_end_a_step_with_the_bits_of_one(tmp_path, count):
    """Weights of all, and moments of all matrices once they are complete."""
    run = Forked(count, [], tmp_path, job=share_steps)
    assert run.codes() == [0] * count, run.said()
    assert sorted(run.said().splitlines()) == [f"{rank} True 5 True" for rank in range(count)]


class Unanswered(Ranks):
    """A process that is stopped at the exchange."""

    def all_of(self, mine):
        raise InterruptedError


def test_each_matrix_is_moved_by_one_process_and_the_rest_by_all():
    moved = []
    for rank in range(2):
        net = Net()
        before = {name: parameter.detach().clone() for name, parameter in net.named_parameters()}
        give_gradients(net, 0)
        with pytest.raises(InterruptedError):
            SharedSteps(make_optimizers(net, settings()), Unanswered(rank, 2)).step()
        moved.append({name for name, parameter in net.named_parameters() if not torch.equal(parameter, before[name])})
    assert moved[0] | moved[1] == set(before)
    assert len(moved[0] & moved[1]) == len(before) - 5
    assert min(len(names - (moved[0] & moved[1])) for names in moved) == 2
