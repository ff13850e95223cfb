"""Recipe 3: the surrogate (Finn et al. 2025), its deterministic twin and its one-pass head, over the chain."""

from pathlib import Path
from typing import Any

import torch

from halocline.data.codecs.residual import ResidualCodec
from halocline.data.fields.degree_days import DegreeDays
from halocline.data.fields.variables import variable
from halocline.data.sampling.packed import Records, pack, pairs_of
from halocline.data.sampling.patches import Patches, fits
from halocline.data.store.store import StateStore
from halocline.diffusion.flow import FlowDenoiser, FlowObjective
from halocline.diffusion.one_pass import EnsembleObjective, RegressionObjective
from halocline.nn.transformer import LogScale, Transformer
from halocline.runtime import keyed
from halocline.runtime.device import Compute
from halocline.systems.initial_weights import keyed_initialisation
from halocline.systems.surrogate_config import SurrogateConfig
from halocline.systems.trained_weights import start_from
from halocline.training.loop import fit
from halocline.training.surrogate_task import SurrogateObjective, SurrogateTask


def make_codec(config: SurrogateConfig, records: Records) -> ResidualCodec:
    """Return network space as the training years determine it."""
    s = records.statistics
    return ResidualCodec(
        tuple(variable(name) for name in config.variables),
        config.forcing,
        DegreeDays(config.degree_days),
        config.place,
        config.season,
        config.step_hours,
        s["mean"],
        s["std"],
        s["change"],
    )


def make_denoiser(config: SurrogateConfig, codec: ResidualCodec) -> FlowDenoiser:
    """Return a freshly initialised denoiser."""
    part, variables = config.network, len(codec.channels)
    with keyed_initialisation(config.seed, "surrogate"):
        network = Transformer(
            variables + len(codec.given),
            variables,
            codec.labels_size,
            width=part.width,
            blocks=part.blocks,
            heads=part.heads,
            patch=part.patch,
            hidden=part.hidden,
            reach=part.reach if part.localised else None,
        )
        scale = LogScale(codec.labels_size, variables)
    # One pass from noise to a state: an estimate x_t + F would have to learn to take the noise away first; a flow has.
    learnt = config.objective == "flow" or config.initial
    return FlowDenoiser(network, scale, config.prediction if learnt else "clean")


def compile_network(denoiser: FlowDenoiser) -> None:
    """Have the network's blocks compiled at their first call."""
    assert isinstance(denoiser.network, Transformer)
    denoiser.network.compile_blocks()


def make_objective(config: SurrogateConfig) -> SurrogateObjective:
    """Return what the network is trained on."""
    match config.objective:
        case "regression":
            return RegressionObjective()
        case "crps":
            return EnsembleObjective(config.scales, config.fair)
        case _:
            return FlowObjective(config.likelihood)


def train_denoiser(
    config: SurrogateConfig, store: StateStore, work: Path, compute: Compute, *, quiet: bool
) -> tuple[dict[str, torch.Tensor], dict[str, Any], ResidualCodec]:
    """Train the network; return weights by name, metrics and the codec."""
    records = pack(
        store,
        config.variables,
        config.forcing,
        DegreeDays(config.degree_days),
        config.step_hours,
        work,
        workers=compute.workers,
        quiet=quiet,
    )
    codec = make_codec(config, records)
    part = config.patches

    def patches(split: str) -> Patches:
        pairs = pairs_of(store, split, config.step_hours)  # type: ignore[arg-type]
        levels = fits(part.levels, part.inner, store.grid.shape)
        return Patches(records, codec, pairs, part.inner, part.overlap, levels or (1,), part.augment)

    denoiser, seed = make_denoiser(config, codec), config.seed
    if config.initial:
        same = {"network": config.network.model_dump(mode="json"), "prediction": config.prediction}
        before = start_from(denoiser, config.initial, "surrogate.", same)
        seed = keyed.derived(config.seed, "initial", before)  # not the patches and noise that these weights have seen
    if compute.compiled:
        compile_network(denoiser)
    task = SurrogateTask(
        denoiser.to(compute.device),
        patches("train"),
        patches("validation"),
        objective=make_objective(config),
        members=config.members,
        pure_noise=config.pure_noise,
        batch=config.training.batch,
        seed=seed,
        device=compute.device,
    )
    module, figures = fit(task, config.training, work / "surrogate", compute, quiet=quiet)
    return {f"surrogate.{k}": v for k, v in module.named_parameters()}, {"surrogate": figures}, codec
