"""The last stage of a generator: its stochastic decoder, trained and loaded."""

import math
from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor, nn

from halocline.chain.detail import Detail
from halocline.chain.latent import LatentSpace
from halocline.chain.rough import Rough, rough_latents, rough_states
from halocline.data.codecs.protocol import StateCodec
from halocline.data.fields.layout import Layout
from halocline.data.fields.variables import variable
from halocline.data.sampling.samples import Source
from halocline.diffusion.denoiser import NetworkDenoiser
from halocline.diffusion.objectives.base import Objective
from halocline.diffusion.objectives.crps import EnsembleObjective
from halocline.diffusion.objectives.velocity import VelocityObjective
from halocline.diffusion.paths.linear import LinearPath
from halocline.diffusion.residual import Residual
from halocline.nn.unet import UNet
from halocline.runtime import keyed
from halocline.runtime.device import Compute
from halocline.runtime.errors import ConfigError
from halocline.systems.run import TrainingRun
from halocline.systems.sections import DetailConfig, GeneratorConfig
from halocline.systems.weights import built
from halocline.training.batches import spread
from halocline.training.detail_batches import DetailBatches, vectors_of
from halocline.training.detail_task import DetailTask
from halocline.training.squares import Squares

_PATH = LinearPath(steepness=3.0, shift=1.0)
"""Its times are denser at the data than those of the default: few steps draw the smallest scales there."""
_AT_ONCE = 32


def make_detail(
    config: GeneratorConfig, codec: StateCodec, maps: np.ndarray, periodic: tuple[str, ...]
) -> NetworkDenoiser:
    """Return a freshly initialised stochastic decoder: a U-Net that sees no farther than its convolutions."""
    part, channels = config.detail, codec.shape[0]
    assert part is not None

    def build() -> UNet:
        return UNet(
            2 * channels + len(maps),
            channels,
            width=part.width,
            multipliers=part.multipliers,
            blocks=part.blocks,
            patch=part.patch,
            attention=False,
            periodic=periodic,
            norm="cell",
        )

    network = built("detail", config.seed, 36 * part.blocks * (part.width * max(part.multipliers)) ** 2, build)
    return NetworkDenoiser(network, _PATH, "velocity" if part.kind == "flow" else "clean")


def rough_fields(
    config: GeneratorConfig,
    latent: LatentSpace | None,
    denoiser: NetworkDenoiser | None,
    trained: nn.Module,
    sources: Sequence[Source],
    compute: Compute,
) -> Rough:
    """Return what a stochastic decoder begins with: perturbed latents, or states with the noise of its level.

    Args:
        config: The recipe.
        latent: The latent space, if there is one.
        denoiser: Else a denoiser of whole fields, untrained.
        trained: The denoiser that was trained.
        sources: Training and validation latents, or states.
        compute: Device and precision.
    """
    part = config.detail
    assert part is not None
    if latent is not None:
        return rough_latents(latent, sources, part.perturbation, compute)
    assert denoiser is not None
    assert part.level is not None
    denoiser.load_state_dict(trained.state_dict())
    ready = denoiser.eval().to(compute.device, memory_format=torch.channels_last)  # type: ignore[call-overload]
    level, marked = math.exp(-part.level / 2.0), config.denoiser.drop_conditions > 0
    return rough_states(ready, sources, level, compute, side=part.crop, marked=marked)


def train_detail(
    config: GeneratorConfig,
    codec: StateCodec,
    maps: np.ndarray,
    periodic: tuple[str, ...],
    rough: Rough,
    states: Sequence[Source],
    run: TrainingRun,
) -> None:
    """Train the stochastic decoder on training and validation states, given what is made of rough fields of them.

    Its weights go to ``run``. sigma_r is fixed before training: what makes the estimate is frozen, and so its error.
    """
    part = config.detail
    assert part is not None
    device = run.compute.device
    residual, left_open = residual_of(rough, codec, states[1], device)
    squares = Squares(maps[0], part.crop, math.lcm(rough.factor, part.multiple), rough.rim, left_open)
    run.weights["latent.residual"] = residual.scale
    objective = make_objective(part)
    data = DetailBatches(
        (states[0], rough.sources[0]),
        (states[1], rough.sources[1]),
        objective,
        squares,
        batch=part.training.batch,
        crops=part.crops,
        perturbation=rough.noise,
        seed=run.seed(config.seed),
        noise=part.training.noise,
        marked=rough.marked,
    )
    # The sides of a square do not meet where those of its plane do.
    module = make_detail(config, codec, maps, periodic if part.crop == 0 else ())
    run.compile(module.network)
    task = DetailTask(
        module.to(device),
        data,
        objective,
        answer=rough.answer,
        residual=residual,
        target=residual.beyond if part.kind == "flow" else residual.of,
        maps=torch.from_numpy(maps),
        mask=torch.from_numpy(codec.network_mask),
        weight=torch.from_numpy(codec.loss_mask),
        squares=squares,
        device=device,
    )
    run.fit(task, part.training)


def make_objective(part: DetailConfig) -> Objective:
    """Return what the stochastic decoder is trained on."""
    if part.kind == "flow":
        return VelocityObjective()
    return EnsembleObjective(scales=part.scales, alpha=part.fair, members=part.members)


@torch.no_grad()
def residual_of(rough: Rough, codec: StateCodec, states: Source, device: torch.device) -> tuple[Residual, np.ndarray]:
    """Return scale and bounds of the residual, and how much is open where.

    sigma_r is the rmse (channel, 1, 1) of clipped answers; what is open is the mean square of the residual (y, x).
    Over the cells that count, of validation states whose rough fields are those of training.
    """
    counts, fields = torch.from_numpy(codec.loss_mask), rough.sources[1]
    lower, upper = (torch.as_tensor(b, device=device)[:, None, None] for b in codec.bounds_in_network_space())
    counts = counts.expand(len(lower), -1, -1).to(device)
    squared, picked = torch.zeros(counts.shape, dtype=torch.float64), spread(len(states))
    for start in range(0, len(picked), _AT_ONCE):
        numbers = picked[start : start + _AT_ONCE]
        z = fields.take(numbers)
        z = z + np.float32(rough.noise) * keyed.normal(0, z.shape, "detail-scale", start)
        vectors = vectors_of(fields, numbers, rough.marked)
        m = rough.answer(torch.from_numpy(z).to(device), None if vectors is None else vectors.to(device))
        m = torch.clamp(m.float(), lower, upper)
        x = torch.from_numpy(states.take(numbers)).to(device)
        squared += ((m - x) ** 2 * counts).sum(dim=0).double().cpu()
    cells = counts.sum(dim=(1, 2)).double().cpu().clamp(min=1.0) * len(picked)
    scale = (squared.sum(dim=(1, 2)) / cells).sqrt().clamp(min=1e-4).float()[:, None, None]
    left_open = (squared / len(picked) / scale.double() ** 2).mean(dim=0).numpy()
    return Residual(scale.to(device), lower, upper), left_open


def detail_of(
    config: GeneratorConfig,
    denoiser: NetworkDenoiser,
    scale: Tensor,
    codec: StateCodec,
    maps: np.ndarray,
    compute: Compute,
) -> Detail:
    """Compose the stochastic decoder from its trained parts."""
    part, sampler = config.detail, config.sampler
    assert part is not None
    flow, device = part.kind == "flow", compute.device
    return Detail(
        denoiser,
        scale.to(device),
        torch.from_numpy(maps).to(device),
        torch.from_numpy(codec.network_mask).to(device),
        sampler.detail_solver if flow else "ddim",
        sampler.detail_steps if flow else 1,
        0.0 if part.level is None else math.exp(-part.level / 2.0),
        sampler.detail_guidance if flow else 1.0,
        sampler.detail_guided_above,
        None if (on := guided_of(sampler.detail_guided, codec)) is None else on.to(device),
    )


def guided_of(names: Sequence[str], codec: StateCodec) -> Tensor | None:
    """Return where the guidance of the third stage acts (channel, 1, 1), 1 or 0; None for all variables.

    A variable that the model does not have is left out, so that a recipe serves data without it, too.

    Raises:
        ConfigError: If a name is no variable at all, or the network sees other channels than states have.
    """
    if not names:
        return None
    layout = Layout.from_channels(codec.channels)
    for name in names:
        if name not in layout:
            variable(name)
    if codec.shape[0] != len(codec.channels):
        raise ConfigError(
            "sampler.detail_guided",
            found=f"{codec.shape[0]} channels in the network, {len(codec.channels)} in states",
            expected="as many",
            remedy="Leave it out, so that all variables are guided.",
        )
    return torch.tensor([float(field.name in names) for field in layout.fields for _ in field.channels])[:, None, None]
