"""A step that is shared out over processes: the bits of one process, and whole checkpoints."""

import pytest
import torch
from torch import nn

from halocline.runtime.processes.joining import joined_ranks
from halocline.runtime.ranks import Ranks
from halocline.training.optimizers import make_optimizers
from halocline.training.settings import TrainingSettings
from halocline.training.shared_steps import SharedSteps
from tests.training.forked import Forked, this_rank

STEPS, CLIP = 3, 0.7


class Net(nn.Module):
    """Kernels and matrices inside of blocks, what AdamW moves, and a weight that no loss reaches."""

    def __init__(self):
        super().__init__()
        torch.manual_seed(3)
        self.first = nn.Conv2d(2, 8, 3)
        kernels = [nn.Conv2d(8, n, 3).to(memory_format=torch.channels_last) for n in (8, 4, 6)]
        self.blocks = nn.ModuleList([*kernels, nn.Linear(8, 5), nn.Linear(12, 7)])
        self.idle = nn.Parameter(torch.ones(3))


def settings():
    return TrainingSettings(samples=8, batch=2, optimizer="muon-kernels")


def add_gradients(net, step, parts):
    """Add the gradients of parts of a batch to those that are there."""
    for part in parts:
        torch.manual_seed(100 * step + part)
        for name, parameter in net.named_parameters():
            if name != "idle":
                more = torch.randn(parameter.shape).to(memory_format=torch.preserve_format)
                parameter.grad = more if parameter.grad is None else parameter.grad + more


def train(net, ranks, parts):
    """Return the optimisers, and norm, loss and stops of each step."""
    optimizers, told = make_optimizers(net, settings()), []
    shared = SharedSteps(net, optimizers, ranks)
    for step in range(STEPS):
        net.zero_grad()
        add_gradients(net, step, parts)
        norm, more = shared.gather(CLIP, torch.tensor([0.25 * len(parts), 0.0]))
        told.append((float(norm), more.tolist()))
        shared.step()
    shared.complete()
    return optimizers, told


def moments(net, optimizers):
    owner = {p: o for o in optimizers for g in o.param_groups for p in g["params"]}
    return {(n, key): value for n, p in net.named_parameters() for key, value in owner[p].state.get(p, {}).items()}


def check_against_one(size):
    """Print what this process has beside one that passes all parts itself."""
    whole = Net()
    kept, expected = train(whole, Ranks(), range(size))
    with joined_ranks(torch.device("cpu")) as ranks:
        net = Net()
        optimizers, told = train(net, ranks, [ranks.rank])
    same = all(torch.equal(a, b) for a, b in zip(net.parameters(), whole.parameters(), strict=True))
    found, right = moments(net, optimizers), moments(whole, kept)
    alike = found.keys() == right.keys() and all(torch.equal(found[key], right[key]) for key in right)
    print(this_rank(), same, told == expected, len(found), alike)


@pytest.mark.parametrize("size", [2, 3])
def test_processes_end_a_step_with_the_bits_of_one(tmp_path, size):
    """Weights, norm and sums of all, and all moments once they are complete: 5 of Muon's, 3 of each of 7 others."""
    run = Forked(size, [], tmp_path, job=lambda: check_against_one(size))
    assert run.codes() == [0] * size, run.said()
    assert sorted(run.said().splitlines()) == [f"{rank} True True 26 True" for rank in range(size)]


def test_a_process_alone_clips_and_moves_as_the_library_does():
    net, other = Net(), Net()
    train(net, Ranks(), [0, 1])
    optimizers = make_optimizers(other, settings())
    for step in range(STEPS):
        other.zero_grad()
        add_gradients(other, step, [0, 1])
        nn.utils.clip_grad_norm_(other.parameters(), CLIP)
        for optimizer in optimizers:
            optimizer.step()
    assert all(torch.equal(a, b) for a, b in zip(net.parameters(), other.parameters(), strict=True))


class Unanswered(Ranks):
    """A process that gets back what it sends, and is stopped at the exchange of what was moved."""

    def swapped(self, parts):
        return [torch.cat(parts[self.rank])] * self.size

    def each(self, mine):
        return [None] * self.size

    def total(self, mine):
        return mine

    def all_of(self, mine, lengths):
        raise InterruptedError


def test_each_parameter_is_moved_by_one_process():
    moved = []
    for rank in range(2):
        net = Net()
        before = {name: parameter.detach().clone() for name, parameter in net.named_parameters()}
        shared = SharedSteps(net, make_optimizers(net, settings()), Unanswered(rank, 2))
        add_gradients(net, 0, [0])
        shared.gather(CLIP, torch.zeros(2))
        with pytest.raises(InterruptedError):
            shared.step()
        moved.append({name for name, parameter in net.named_parameters() if not torch.equal(parameter, before[name])})
    assert moved[0] | moved[1] == set(before) - {"idle"}
    assert not moved[0] & moved[1]
    assert min(len(names) for names in moved) >= 3


def test_more_processes_than_parameters(tmp_path):
    run = Forked(3, [], tmp_path, job=one_parameter)
    assert run.codes() == [0] * 3, run.said()
    assert sorted(run.said().splitlines()) == [f"{rank} same" for rank in range(3)]


def one_parameter():
    with joined_ranks(torch.device("cpu")) as ranks:
        net = nn.Linear(2, 1, bias=False)
        with torch.no_grad():
            net.weight.fill_(1.0)
        shared = SharedSteps(net, make_optimizers(net, settings()), ranks)
        net.weight.grad = torch.full((1, 2), float(ranks.rank))
        norm, _ = shared.gather(10.0, torch.zeros(2))
        shared.step()
        shared.complete()
        same = float(norm) == pytest.approx(3 * 2**0.5) and float(net.weight[0, 0]) < 1.0
        print(this_rank(), "same" if same else f"{norm} {net.weight}")
