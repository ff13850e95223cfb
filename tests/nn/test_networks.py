"""Networks: shapes, masks, and starts."""

import pytest
import torch

from halocline.nn.autoencoder import Autoencoder
from halocline.nn.layers import SelfAttention
from halocline.nn.unet import UNet


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
