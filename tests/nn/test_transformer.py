"""The transformer: translation, size and mask leave the answer alone; localisation localises; gradients flow."""

import pytest
import torch
from torch import nn

from halocline.nn.local_attention import LocalAttention
from halocline.nn.transformer import LogScale, Transformer


def network(reach=(4.0, 12.0), blocks=3, patch=2):
    torch.manual_seed(0)
    net = Transformer(3, 2, 2, width=32, blocks=blocks, heads=2, patch=patch, reach=reach)
    for parameter in net.parameters():
        if parameter.ndim > 1 and not parameter.any():
            nn.init.normal_(parameter, std=0.15)
    return net.eval()


def island(ny, nx, y, x, seed=1):
    """A sea of 8 x 12 cells at (y, x) in a frame of land."""
    generator = torch.Generator().manual_seed(seed)
    field = torch.zeros(1, 3, ny, nx)
    field[..., y : y + 8, x : x + 12] = torch.randn(1, 3, 8, 12, generator=generator)
    mask = torch.zeros(1, 1, ny, nx)
    mask[..., y : y + 8, x : x + 12] = 1
    mask[..., y + 2, x + 3 : x + 7] = 0
    return field, mask


T, LABELS = torch.tensor([0.4]), torch.tensor([[1.0, 0.0]])


def applied(net, field, mask):
    return net(field, T, LABELS, mask)


@torch.no_grad()
def test_place_and_size_of_the_frame_do_not_matter():
    net = network()
    reference = applied(net, *island(8, 12, 0, 0))
    for ny, nx, y, x in ((24, 32, 4, 10), (24, 32, 16, 20), (8, 40, 0, 28)):
        out = applied(net, *island(ny, nx, y, x))
        torch.testing.assert_close(out[..., y : y + 8, x : x + 12], reference, atol=2e-5, rtol=2e-5)
        assert float(out.abs().sum()) == pytest.approx(float(reference.abs().sum()), rel=1e-4)


@torch.no_grad()
def test_land_gives_and_takes_nothing():
    net = network()
    field, mask = island(16, 16, 4, 2)
    one = applied(net, field, mask)
    two = applied(net, field + 100 * (1 - mask), mask)
    assert torch.equal(one, two)
    assert float((one * (1 - mask)).abs().max()) == 0.0
    assert float(one.abs().max()) > 0


@torch.no_grad()
def test_samples_with_other_coasts_in_one_batch_come_out_as_alone():
    """One keeps 24 patches of sea, one 20, one none."""
    net = network()
    (field, mask), (other, shifted) = island(16, 16, 4, 2), island(16, 16, 8, 0, seed=2)
    shifted[..., :2] = 0
    fields, masks = torch.cat([field, other, field]), torch.cat([mask, shifted, 0 * mask])
    together = net(fields, T.expand(3), LABELS.expand(3, -1), masks)
    for k in range(2):
        alone = applied(net, fields[k : k + 1], masks[k : k + 1])
        torch.testing.assert_close(together[k : k + 1], alone, atol=1e-5, rtol=1e-4)
        assert float(alone.abs().max()) > 0
    assert not together[2].any()


def response(net, n=64):
    """Response at distance 0, 8, 16, 24 cells to a change in the middle."""
    field, mask = torch.randn(1, 3, 8, n, generator=torch.Generator().manual_seed(2)), torch.ones(1, 1, 8, n)
    changed = field.clone()
    changed[..., 4, n // 2] += 1.0
    moved = (applied(net, changed, mask) - applied(net, field, mask)).abs().amax(dim=(0, 1, 2))
    return [float(moved[n // 2 + d : n // 2 + d + 2].max()) for d in (0, 8, 16, 24)]


@torch.no_grad()
def test_localisation_localises():
    local, anywhere = response(network((1.5, 2.5))), response(network(None))
    assert local[1] < 0.1 * local[0]
    assert local[3] < 1e-4 * local[0]
    assert anywhere[3] > 100 * local[3]


def test_attention_weights_are_the_stated_ones():
    """Against the full matrix: content, distance and mask written out."""
    torch.manual_seed(0)
    layer = LocalAttention(16, 2, (2.0, 5.0))
    nn.init.eye_(layer.out.weight)
    tokens, position = torch.randn(2, 5, 16), 3 * torch.randn(2, 5, 2)
    counts = torch.tensor([[1.0, 1, 0, 1, 1], [1, 1, 1, 1, 0]])
    free = LocalAttention(16, 2, None)
    free.load_state_dict({k: v for k, v in layer.state_dict().items() if k != "log_reach"})
    query, key = nn.functional.rms_norm(
        layer.query_key(tokens).view(2, 5, 2, 2, 4).permute(2, 0, 3, 1, 4), (4,)
    ).unbind(0)
    angle = torch.einsum("bnc,chf->bhnf", position, layer.frequency)
    plane = torch.view_as_complex(torch.stack(query.chunk(2, -1), -1)) * torch.polar(torch.ones_like(angle), angle)
    other = torch.view_as_complex(torch.stack(key.chunk(2, -1), -1)) * torch.polar(torch.ones_like(angle), angle)
    logits = torch.einsum("bhif,bhjf->bhij", plane, other.conj()).real / 2.0
    distance = torch.cdist(position, position)[:, None] ** 2
    logits = logits - 0.5 * distance / torch.exp(layer.log_reach)[:, None, None] ** 2
    logits = logits.masked_fill(counts[:, None, None] == 0, -torch.inf)
    value = layer.value(tokens).view(2, 5, 2, 8).transpose(1, 2)
    expected = (torch.softmax(logits, -1) @ value).transpose(1, 2).reshape(2, 5, 16)
    torch.testing.assert_close(layer(tokens, position, counts), expected, atol=1e-5, rtol=1e-4)


@pytest.mark.parametrize("blocks", [1, 2, 4, 8])
def test_gradients_reach_every_weight(blocks):
    net = network(blocks=blocks, patch=4)
    field, mask = island(16, 16, 4, 2)
    out = applied(net, field, mask)
    assert out.shape == (1, 2, 16, 16)
    (out**2).sum().backward()
    idle = [name for name, p in net.named_parameters() if p.grad is None or not p.grad.any()]
    assert not idle


def test_labels_and_time_are_heard_and_the_start_is_nothing():
    fresh = Transformer(3, 2, 2, width=32, blocks=2, heads=2)
    field, mask = island(8, 12, 0, 0)
    assert not applied(fresh, field, mask).any()
    net = network()
    base = applied(net, field, mask)
    assert not torch.allclose(base, net(field, T, torch.zeros(1, 2), mask))
    assert not torch.allclose(base, net(field, T + 0.5, LABELS, mask))
    assert LogScale(2, 3)(T, LABELS).tolist() == [[0.0, 0.0, 0.0]]


@torch.no_grad()
def test_bfloat16_changes_the_answer_a_little():
    net = network(blocks=4)
    field, mask = island(16, 16, 4, 2)
    exact = applied(net, field, mask)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        rough = applied(net, field, mask).float()
    assert 0 < float((rough - exact).norm() / exact.norm()) < 0.05


@pytest.mark.slow
def test_compiled_blocks_give_the_same_for_any_number_of_tokens():
    """One program for all blocks; outputs and gradients agree to rounding."""
    import copy

    torch.manual_seed(0)
    plain = Transformer(3, 2, 4, width=32, blocks=3, heads=2, patch=2)
    for parameter in plain.parameters():
        if not parameter.any():
            torch.nn.init.normal_(parameter, std=0.2)
    compiled = copy.deepcopy(plain)
    compiled.compile_blocks()
    for side, batch in ((8, 3), (12, 2)):
        inputs = torch.randn(batch, 3, side, side), torch.rand(batch)
        given = torch.zeros(batch, 4), torch.ones(batch, 1, side, side)
        outputs = [network(*inputs, *given) for network in (plain, compiled)]
        torch.testing.assert_close(*outputs, atol=1e-5, rtol=1e-4)
        for output in outputs:
            output.square().mean().backward()
    for a, b in zip(plain.parameters(), compiled.parameters(), strict=True):
        torch.testing.assert_close(a.grad, b.grad, atol=1e-5, rtol=1e-3)
