"""Configuration of the sea-ice generator."""

from typing import Literal

from pydantic import Field

from halocline.systems.sections import AutoencoderConfig, DenoiserConfig, Section


class SamplerConfig(Section):
    """How states are drawn.

    Attributes:
        solver: Name of the solver.
        steps: Solver steps.
        sic_minimum: Concentrations below count as open water.
    """

    solver: Literal["ddpm", "ddim", "heun", "multistep"] = "heun"
    steps: int = Field(default=20, gt=0)
    sic_minimum: float = Field(default=0.0, ge=0, lt=1)


class SeaIceGeneratorConfig(Section):
    """Recipe 1, the sea-ice generator of Finn et al. 2024.

    Attributes:
        recipe: The recipe's name.
        description: One sentence for people.
        variables: What is drawn.
        space: ``latent`` (of the autoencoder) or ``data``.
        bounds: ``clip`` or ``lift`` (data space; see data/codecs/lift.py).
        every: Train on every n-th stored time.
        seed: Seed of initial weights, batches and noise.
        autoencoder: Used if space is latent.
        denoiser: The diffusion model.
        sampler: The defaults of ``generate``.
    """

    recipe: Literal["seaice-generator"]
    description: str = ""
    variables: tuple[str, ...] = ("sit", "sic", "sid", "siu", "siv")
    space: Literal["latent", "data"] = "latent"
    bounds: Literal["clip", "lift"] = "clip"
    every: int = Field(default=1, gt=0)
    seed: int = 0
    autoencoder: AutoencoderConfig
    denoiser: DenoiserConfig
    sampler: SamplerConfig = SamplerConfig()
