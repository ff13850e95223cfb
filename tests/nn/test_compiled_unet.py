"""A compiled U-Net is the same function."""

import copy

import pytest
import torch

from halocline.nn.unet import UNet


def pair():
    """Two equal U-Nets of which nothing is zero."""
    torch.manual_seed(0)
    plain = UNet(3, 2, width=8, multipliers=(1, 2), blocks=1, condition=2)
    for parameter in plain.parameters():
        if not parameter.any():
            torch.nn.init.normal_(parameter, std=0.2)
    return plain, copy.deepcopy(plain)


def compare(plain, compiled, batches):
    for batch in batches:
        inputs = torch.randn(batch, 3, 8, 8), torch.rand(batch), torch.randn(batch, 2)
        outputs = [network(*inputs) for network in (plain, compiled)]
        torch.testing.assert_close(*outputs, atol=1e-5, rtol=1e-4)
        for output in outputs:
            output.square().mean().backward()
    for a, b in zip(plain.parameters(), compiled.parameters(), strict=True):
        torch.testing.assert_close(a.grad, b.grad, atol=1e-5, rtol=1e-3)


def test_a_unet_is_one_graph():
    """Traced as a whole, which is all of a compiler that needs no C++."""
    plain, traced = pair()
    traced.compile(backend="eager", fullgraph=True)
    compare(plain, traced, [2])


@pytest.mark.slow
def test_a_compiled_unet_gives_the_same_for_any_batch():
    """Outputs and gradients agree to rounding."""
    plain, compiled = pair()
    compiled.compile_blocks()
    compare(plain, compiled, [3, 2])
