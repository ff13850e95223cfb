"""Networks: shapes, masks, and starts."""

import pytest
import torch

from halocline.nn.autoencoder import Autoencoder
from halocline.nn.base import NETWORKS
from halocline.nn.layers import PointwiseConv2d, SelfAttention, WrappedConv2d
from halocline.nn.unet import UNet
from halocline.runtime.errors import ConfigError


@pytest.mark.parametrize("patch", [1, 2])
@pytest.mark.parametrize("condition", [0, 3])
def test_unet_keeps_the_shape_and_starts_at_zero(patch, condition):
    net = UNet(4, 2, width=16, multipliers=(1, 2), blocks=1, patch=patch, condition=condition)
    c = torch.ones(3, condition) if condition else None
    y = net(torch.randn(3, 4, 16, 24), torch.zeros(3), c)
    assert y.shape == (3, 2, 16, 24)
    assert (y == 0).all()


def test_unet_learns_from_noise_level_and_condition():
    torch.manual_seed(0)
    net = UNet(1, 1, width=8, multipliers=(1, 2), blocks=1, condition=2)
    for p in net.parameters():
        torch.nn.init.normal_(p, std=0.2)
    x = torch.randn(1, 1, 8, 8)
    base = net(x, torch.zeros(1), torch.zeros(1, 2))
    assert not torch.allclose(base, net(x, torch.ones(1), torch.zeros(1, 2)))
    assert not torch.allclose(base, net(x, torch.zeros(1), torch.ones(1, 2)))


@pytest.mark.parametrize("norm", ["cell", "group"])
def test_a_unet_normalised_cell_by_cell_sees_no_farther_than_its_convolutions(norm):
    """What is far away changes nothing, so that a patch is answered like the field; group norms average over it."""
    torch.manual_seed(0)
    net = _random(UNet(1, 1, width=8, multipliers=(1, 2), blocks=1, attention=False, norm=norm)).double()
    x, t = torch.randn(1, 1, 8, 96, dtype=torch.float64), torch.zeros(1, dtype=torch.float64)
    whole, patch = net(x, t)[..., :24], net(x[..., :64], t)[..., :24]
    assert torch.allclose(whole, patch) == (norm == "cell")


def test_attention_starts_as_identity():
    x = torch.randn(2, 32, 4, 4)
    torch.testing.assert_close(SelfAttention(32)(x), x)


def test_land_blocks_of_the_latent_carry_nothing():
    maps = torch.ones(2, 16, 16)
    maps[0, :8, :8] = 0
    coder = Autoencoder(3, maps, latent=4, width=16, levels=2)
    x = torch.randn(2, 3, 16, 16)
    posterior = coder.encode(x)
    assert posterior.mean.shape == (2, 4, 4, 4)
    assert (posterior.mean[:, :, :2, :2] == 0).all()
    assert (posterior.kl()[:, :, :2, :2] == 0).all()
    z = posterior.mean
    changed = z.clone()
    changed[:, :, :2, :2] = 9.0
    torch.testing.assert_close(coder.decode(z), coder.decode(changed))


def test_kl_against_torch():
    from torch.distributions import Normal, kl_divergence

    from halocline.nn.autoencoder import Posterior

    posterior = Posterior(torch.randn(5, 2, 3, 3), torch.randn(5, 2, 3, 3))
    expected = kl_divergence(Normal(posterior.mean, (0.5 * posterior.log_variance).exp()), Normal(0.0, 1.0))
    torch.testing.assert_close(posterior.kl(), expected)


def _random(network):
    for p in network.parameters():
        torch.nn.init.normal_(p, std=0.1)
    return network


@pytest.mark.parametrize("patch", [1, 2])
@pytest.mark.parametrize("axis", ["x", "y"])
def test_a_periodic_unet_turns_with_its_plane(patch, axis):
    torch.manual_seed(0)
    dim = {"y": -2, "x": -1}[axis]
    x = torch.randn(1, 3, 16, 16, dtype=torch.float64)

    def departure(periodic):
        net = _random(UNet(3, 2, width=8, multipliers=(1, 2), blocks=1, patch=patch, periodic=periodic)).double()
        turned = net(x.roll(4, dim), torch.zeros(1).double())
        return (turned - net(x, torch.zeros(1).double()).roll(4, dim)).abs().max() / turned.abs().max()

    assert departure((axis,)) < 1e-12
    assert departure(()) > 1e-3
    assert departure(("y" if axis == "x" else "x",)) > 1e-3


def test_a_periodic_autoencoder_turns_with_its_plane():
    torch.manual_seed(0)
    coder = _random(Autoencoder(2, torch.ones(1, 16, 16), latent=2, width=8, levels=1, periodic=("x",))).double()
    x = torch.randn(1, 2, 16, 16, dtype=torch.float64)
    z = coder.encode(x).mean
    torch.testing.assert_close(coder.encode(x.roll(4, -1)).mean, z.roll(2, -1))
    torch.testing.assert_close(coder.decode(z.roll(2, -1)), coder.decode(z).roll(4, -1))


def test_a_closed_network_is_what_it_was_and_its_weights_fit_a_periodic_one():
    closed, periodic = (UNet(1, 1, width=8, multipliers=(1, 2), blocks=1, periodic=axes) for axes in ((), ("x",)))
    assert not any(isinstance(m, WrappedConv2d) for m in closed.modules())
    periodic.load_state_dict(closed.state_dict())


@pytest.mark.parametrize("name", ["unet", "transformer"])
def test_an_unknown_option_of_a_network_is_named(name):
    with pytest.raises(ConfigError, match="Did you mean 'width'"):
        NETWORKS[name](2, 2, 0, {"widht": 8})


@pytest.mark.parametrize("shape", [(1, 6, 4, 4), (3, 6, 4, 4), (1, 6, 64, 64), (17, 6, 40, 40)])
def test_a_pointwise_convolution_is_a_matrix_for_each_cell(shape):
    """Whatever kernel runs it: values, gradients and the order of memory of the library's own."""
    torch.manual_seed(0)
    ours, x = PointwiseConv2d(6, 5), torch.randn(shape).to(memory_format=torch.channels_last).requires_grad_()
    found = ours(x)
    expected = torch.einsum("oi,biyx->boyx", ours.weight[:, :, 0, 0], x) + ours.bias[:, None, None]
    torch.testing.assert_close(found, expected, rtol=1e-5, atol=1e-5)
    given = torch.randn_like(found)
    gradients = torch.autograd.grad(found, (x, ours.weight, ours.bias), given)
    torch.testing.assert_close(
        gradients, torch.autograd.grad(expected, (x, ours.weight, ours.bias), given), rtol=1e-4, atol=1e-4
    )
    assert found.is_contiguous(memory_format=torch.channels_last)
    assert ours.state_dict().keys() == torch.nn.Conv2d(6, 5, 1).state_dict().keys()
