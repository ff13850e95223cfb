"""Sections that recipes share: the autoencoder and the denoiser."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from halocline.training.settings import TrainingSettings


class Section(BaseModel):
    """A section of a recipe: immutable, unknown keys refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class AutoencoderConfig(Section):
    """The autoencoder and its training.

    Attributes:
        likelihood: ``gaussian`` or ``censored`` (bounds as atoms).
        latent: Latent channels.
        width: Channels at the finest level.
        levels: Halvings after the patches; the latent is smaller by patch * 2**levels a side.
        blocks: Residual blocks a level.
        patch: Side of the patches.
        beta: Weight of the KL.
        training: How long and how fast.
    """

    likelihood: Literal["gaussian", "censored"] = "censored"
    latent: int = Field(default=8, gt=0)
    width: int = Field(default=32, gt=0)
    levels: int = Field(default=1, ge=0, le=4)
    blocks: int = Field(default=1, gt=0)
    patch: int = Field(default=2, gt=0)
    beta: float = Field(default=1e-3, ge=0)
    training: TrainingSettings


class DenoiserConfig(Section):
    """The denoiser's network, its objective and its training.

    Attributes:
        width: Channels at the finest level.
        multipliers: Channels of each level as multiples of width.
        blocks: Residual blocks a level.
        patch: Side of the patches.
        attention: Self-attention at the coarsest level.
        maps: Whether the network sees maps of the place beside the noisy field.
        prediction: What the network predicts.
        schedule: Noise schedule.
        weighting: Loss weight, see diffusion/objectives.py.
        snr_limit: Cap of the loss weight ``v``.
        cells: Loss and noise on ``wet`` cells, or on ``all``, land and padding included.
        training: How long and how fast.
    """

    width: int = Field(default=32, gt=0)
    multipliers: tuple[int, ...] = (1, 2, 4)
    blocks: int = Field(default=2, gt=0)
    patch: int = Field(default=2, gt=0)
    attention: bool = True
    maps: bool = True
    prediction: Literal["x", "eps", "v", "karras"] = "x"
    schedule: Literal["cosine", "karras", "squared-cosine"] = "cosine"
    weighting: Literal["v", "eps"] = "v"
    snr_limit: float = Field(default=25.0, gt=0)
    cells: Literal["wet", "all"] = "wet"
    training: TrainingSettings

    @property
    def multiple(self) -> int:
        """What y and x must be multiples of."""
        return self.patch * 2 ** (len(self.multipliers) - 1)
