"""Every parameter has one optimiser; Muon has the matrices of the blocks, and moves them as it should."""

import numpy as np
import pytest
import torch
from torch import nn

from halocline.nn.transformer import Transformer
from halocline.nn.unet import UNet
from halocline.training.kernel_muon import KernelMuon
from halocline.training.optimizers import make_optimizers, set_rate
from halocline.training.settings import TrainingSettings


def settings(**more):
    return TrainingSettings(samples=100, batch=1, **more)


def owned(optimizer):
    return {id(p) for group in optimizer.param_groups for p in group["params"]}


@pytest.mark.parametrize("optimizer", ["adamw", "muon"])
def test_every_parameter_is_moved_by_exactly_one(optimizer):
    network = Transformer(3, 2, 1, width=16, blocks=2, heads=2, patch=2)
    made = make_optimizers(network, settings(optimizer=optimizer))
    sets = [owned(o) for o in made]
    assert sum(map(len, sets)) == len(set.union(*sets)) == len(list(network.parameters()))
    assert len(made) == (2 if optimizer == "muon" else 1)


def test_muon_has_the_blocks_matrices_and_adamw_what_reads_and_writes():
    network = Transformer(3, 2, 1, width=16, blocks=2, heads=2, patch=2)
    muon, adamw = map(owned, make_optimizers(network, settings(optimizer="muon")))
    block = network.blocks[0]
    assert {id(block.up.weight), id(block.attention.value.weight)} <= muon
    assert {id(network.tokenise.weight), id(network.head.weight), id(block.attention.gain)} <= adamw


def test_kernels_of_convolutions_are_adamws():
    network = UNet(3, 3, width=8, multipliers=(1, 2), blocks=1, patch=1)
    kernels = {id(p) for p in network.parameters() if p.ndim == 4}
    assert kernels
    assert kernels <= owned(make_optimizers(network, settings(optimizer="muon"))[-1])


def test_kernels_of_the_blocks_are_muons_where_asked():
    network = UNet(3, 3, width=8, multipliers=(1, 2), blocks=1, patch=1)
    made = make_optimizers(network, settings(optimizer="muon-kernels"))
    kernels = next(owned(o) for o in made if isinstance(o, KernelMuon))
    assert {id(network.stem.weight), id(network.head.weight)} <= owned(made[-1])
    assert {id(p) for part in (network.encoder, network.decoder) for p in part.parameters() if p.ndim == 4} <= kernels
    sets = [owned(o) for o in made]
    assert sum(map(len, sets)) == len(set.union(*sets)) == len(list(network.parameters()))


@pytest.mark.parametrize("shape", [(8, 24, 3, 3), (64, 4, 1, 1)])
def test_a_kernel_moves_by_an_orthogonal_matrix_of_the_size_that_is_told(shape):
    torch.manual_seed(0)
    kernel = nn.Parameter(torch.zeros(shape).contiguous(memory_format=torch.channels_last))
    kernel.grad = torch.randn(shape) * torch.logspace(0, -1, shape[1])[:, None, None]
    KernelMuon([kernel], lr=0.01).step()
    singular = np.linalg.svd(kernel.detach().flatten(1).numpy(), compute_uv=False)
    assert singular.max() < 2 * singular.min()
    assert kernel.detach().square().mean().sqrt() == pytest.approx(0.4 * 0.01, rel=0.3)


def test_a_step_of_muon_is_orthogonal_and_of_adamws_size():
    """The update of a square matrix has all singular values about alike, and rms 0.2 of the rate."""
    torch.manual_seed(0)
    blocks = nn.ModuleList([nn.Linear(32, 32, bias=False)])
    before = blocks[0].weight.detach().clone()
    optimizers = make_optimizers(blocks, settings(optimizer="muon", weight_decay=0.0))
    set_rate(optimizers, 0.01)
    (blocks[0].weight * torch.randn(32, 32) * torch.logspace(0, -1, 32)).sum().backward()
    for optimizer in optimizers:
        optimizer.step()
    update = (blocks[0].weight.detach() - before).numpy()
    singular = np.linalg.svd(update, compute_uv=False)
    assert singular[0] < 2 * singular[len(singular) // 2]
    assert np.sqrt((update**2).mean()) == pytest.approx(0.2 * 0.01, rel=0.3)
