"""A third stage that is guided away from its own answer without a block."""

from dataclasses import replace

import pytest
import torch

from halocline.chain.detail import Detail, guided
from halocline.chain.placed import Draw
from halocline.diffusion.denoiser import NetworkDenoiser
from halocline.diffusion.paths.linear import LinearPath
from halocline.diffusion.wrappers import SelfGuided
from halocline.nn.unet import UNet
from halocline.runtime.device import choose_compute
from halocline.runtime.errors import ConfigError, InputError
from halocline.systems.config import load_config
from halocline.systems.detail import guided_of
from halocline.systems.loading import load_model
from tests.conftest import _train

CPU = choose_compute("cpu", "fp32")


def network():
    torch.manual_seed(1)
    made = UNet(2 + 2 + 1, 2, width=8, multipliers=[1, 1], blocks=1, attention=False, norm="cell")
    for parameter in made.parameters():
        torch.nn.init.normal_(parameter, std=0.3)
    return made.eval()


def detail():
    ones = torch.ones(1, 8, 8)
    denoiser = NetworkDenoiser(network(), LinearPath(3.0, 1.0), "velocity")
    return Detail(denoiser, torch.ones(2, 1, 1), ones, ones, "heun-t", 4, 0.8)


def drawn(stage):
    with torch.no_grad():
        return stage.draw(torch.zeros(3, 2, 8, 8), Draw(range(3), 1), CPU)


def test_the_first_block_of_the_finest_level_on_the_way_up_is_left_out():
    whole, x, level = network(), torch.randn(2, 5, 8, 8), torch.rand(2)
    without = network()
    for part in without.decoder[-1][0].conv2.parameters():
        torch.nn.init.zeros_(part)
    with torch.no_grad():
        before = whole(x, level)
        with whole.shallower():
            assert torch.equal(whole(x, level), without(x, level))
        assert torch.equal(whole(x, level), before)
        assert not torch.equal(before, without(x, level))


def test_it_acts_where_much_is_noise():
    class Says:
        less = False

        def __call__(self, x_t, t):
            return torch.full_like(x_t, 1.0 if self.less else 3.0)

        def shallower(self):
            from contextlib import contextmanager

            @contextmanager
            def inside():
                self.less = True
                yield
                self.less = False

            return inside()

    says, x = Says(), torch.zeros(2, 1, 4, 4)
    acting = SelfGuided(says, says.shallower, torch.tensor([1.75]), 0.75)
    assert float(acting(x, torch.full((2,), 0.75)).mean()) == pytest.approx(1 + 1.75 * 2)
    assert float(acting(x, torch.full((2,), 0.74)).mean()) == 3.0


def test_a_weight_of_one_changes_nothing_and_more_does():
    plain = detail()
    assert torch.equal(drawn(guided(plain, 1.0)), drawn(plain))
    assert float((drawn(guided(plain, 2.0)) - drawn(plain)).abs().max()) > 1e-3
    above_all = replace(guided(plain, 2.0), guided_above=1.5)
    assert torch.equal(drawn(above_all), drawn(plain))


def test_it_acts_on_the_variables_that_are_named():
    plain = detail()
    one = replace(guided(plain, 2.0), guided=torch.tensor([1.0, 0.0])[:, None, None], steps=1, solver="ddim")
    changed = (drawn(one) - drawn(replace(plain, steps=1, solver="ddim"))).abs().amax(dim=(0, 2, 3))
    assert float(changed[0]) > 1e-3
    assert float(changed[1]) == 0


@pytest.mark.parametrize(("weight", "more"), [(1.0, 0), (1.5, 1)])
def test_passes_are_those_of_the_network(weight, more):
    stage, asked = guided(detail(), weight), []
    stage.denoiser.network.register_forward_hook(lambda *given: asked.append(1))
    drawn(stage)
    assert len(asked) == stage.passes == 2 * 4 - 1 + more  # at 1; the next time is 0.66
    assert stage.provenance == {"detail_passes": len(asked), **({"detail_guidance": weight} if more else {})}


@pytest.mark.parametrize("stage", [None, replace(detail(), steps=1)])
def test_what_cannot_be_guided_is_refused(stage):
    with pytest.raises(ConfigError, match="detail_guidance"):
        guided(stage, 1.5)


def test_the_model_that_ships_is_guided():
    model = load_model("arctic-100km", CPU)
    assert model.chain.detail.guidance == 2.5
    assert model.chain.detail.guided.flatten().tolist() == [0, 1, 1, 0, 0]
    assert model.with_sampler(detail_guidance=1.0).chain.detail.guidance == 1.0
    with pytest.raises(ConfigError, match="detail-guidance"):
        model.with_sampler(detail_guidance=0.5)


def test_a_name_that_is_no_variable_is_refused_before_the_training(store_path, tmp_path):
    codec = load_model("arctic-100km", CPU).codec
    assert guided_of((), codec) is None
    assert guided_of(("sit", "thetao"), codec).flatten().tolist() == [1, 0, 0, 0, 0]  # this model has no temperature
    with pytest.raises(InputError, match="sidd"):
        guided_of(("sidd",), codec)
    with pytest.raises(InputError, match="sidd"):
        _train(store_path, tmp_path / "m", ["space=data", 'sampler.detail_guided=["sidd"]'])
    assert not list(tmp_path.iterdir())


def test_a_recipe_needs_a_third_stage():
    with pytest.raises(ConfigError, match="needs a section"):
        load_config("demo", ["sampler.detail_guidance=1.5"])
    with pytest.raises(ConfigError, match="needs a section"):
        load_config("arctic-100km", ["detail.kind=crps", "sampler.detail_guidance=1.5"])


def test_a_preset_without_its_third_stage_is_not_guided():
    config = load_config("arctic-100km", ["detail=null"])
    assert (config.sampler.detail_guidance, config.sampler.detail_guided) == (1.0, ())
    with pytest.raises(ConfigError, match="needs a section"):
        load_config("arctic-100km", ["detail=null", "sampler.detail_guidance=2"])
