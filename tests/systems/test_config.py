"""Configuration: presets load, unknown keys name the nearest valid one."""

import pytest

from halocline.runtime.errors import ConfigError
from halocline.systems.config import load_config, preset_names
from tests.conftest import TOY_RECIPE


@pytest.mark.parametrize("name", preset_names())
def test_every_preset_is_valid_and_described(name):
    config = load_config(name)
    assert config.description
    assert getattr(config, "denoiser", config).training.steps > 0


def test_the_presets_of_the_readme_exist():
    assert {
        "demo",
        "arctic-100km",
        "arctic-latent-100km",
        "arctic-50km",
        "arctic-25km",
        "finn2024",
        "dino",
        "dino-demo",
        "meunier2025",
        "meunier2025-r4",
        "finn2025",
        "arctic-surrogate-100km",
        "arctic-surrogate-50km",
        "surrogate-demo",
    } <= set(preset_names())


def test_the_arctic_presets_are_one_recipe_on_two_grids():
    small, large = (load_config(name).model_dump() for name in ("arctic-100km", "arctic-50km"))
    assert small["condition"] == ("day_of_year",)
    for each in (small, large):
        del each["description"], each["detail"], each["denoiser"]["width"], each["denoiser"]["multipliers"]
        del each["sampler"]["detail_steps"], each["sampler"]["detail_guidance"], each["sampler"]["detail_guided"]
        del each["denoiser"]["training"]["samples"], each["denoiser"]["training"]["batch"]
    assert small == large


@pytest.mark.parametrize(
    ("override", "message"),
    [
        ("denoiser.widht=3", "Did you mean 'width'"),
        ("denoisr.width=3", "Did you mean 'denoiser'"),
        ("autoencoder.training.sample=3", "Did you mean 'samples'"),
        ("denoiser.width=wide", "valid integer"),
        ("space=latnet", "'latent' or 'data'"),
        ("denoiser.width", "no '='"),
        ("denoiser.width.b=1", "holds a value"),
        ("denoiser.training.samples=-4", "greater than 0"),
    ],
)
def test_a_wrong_override_is_explained(override, message):
    with pytest.raises(ConfigError, match=message):
        load_config("demo", [override])


@pytest.mark.parametrize(
    ("override", "message"),
    [
        ("constraints.contants=end", "Did you mean 'contents'"),
        ("codec.normalization=cell", "Did you mean 'normalisation'"),
        ("constraints.stability=start", "'none', 'estimate', 'end' or 'both'"),
        ("recipe=ocean-generater", "Did you mean 'ocean-generator'"),
        ("space=latent", r"section \[autoencoder\]"),
        ("autoencoder.widht=3", "Did you mean 'width'"),
    ],
)
def test_a_wrong_override_of_the_ocean_recipe_is_explained(override, message):
    with pytest.raises(ConfigError, match=message):
        load_config("dino", [override])


def test_all_wrong_keys_are_listed_at_once():
    with pytest.raises(ConfigError, match="3 keys that do not fit") as caught:
        load_config("demo", ["denoiser.widht=3", "space=latnet", "autoencoder.training.samples=-4"])
    for words in (
        "'denoiser.widht'",
        "Did you mean 'width'",
        "'space': found 'latnet'",
        "'autoencoder.training.samples'",
    ):
        assert words in caught.value.remedy


def test_overrides_apply():
    config = load_config("demo", ["denoiser.width=96", "space=data", "denoiser.multipliers=[1,3]"])
    assert (config.denoiser.width, config.space, config.denoiser.multipliers) == (96, "data", (1, 3))


def test_unknown_preset_missing_file_and_broken_toml(tmp_path):
    with pytest.raises(ConfigError, match="Did you mean 'arctic-100km'"):
        load_config("arctic-100")
    with pytest.raises(ConfigError, match="no such file"):
        load_config(str(tmp_path / "x.toml"))
    (tmp_path / "x.toml").write_text("a = = 1")
    with pytest.raises(ConfigError, match="invalid TOML"):
        load_config(str(tmp_path / "x.toml"))


def test_a_missing_section_is_named(tmp_path):
    file = tmp_path / "x.toml"
    file.write_text(TOY_RECIPE.read_text().split("[denoiser]")[0])
    with pytest.raises(ConfigError, match="'denoiser'"):
        load_config(str(file))
