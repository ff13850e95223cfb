"""The surrogate (Finn et al. 2025), its deterministic twin and its one-pass head."""

from dataclasses import replace
from typing import Any

from torch import nn

from halocline.chain.chain import Chain
from halocline.chain.forecast.surrogate import Surrogate
from halocline.chain.placed import Always, Placed
from halocline.constraints.named.ice_bounds import IceBounds
from halocline.data.codecs.residual import ResidualCodec
from halocline.data.fields.degree_days import DegreeDays
from halocline.data.fields.variables import channel
from halocline.data.sampling.packed import pairs_of, require_variables
from halocline.data.sampling.packed_beside import pack_where
from halocline.data.sampling.patches import Patches, levels_for
from halocline.data.store.store import StateStore
from halocline.diffusion.denoiser import NetworkDenoiser
from halocline.diffusion.objectives.base import OBJECTIVES, Objective
from halocline.diffusion.paths.linear import LinearPath
from halocline.nn.base import NETWORKS
from halocline.nn.transformer import LogScale
from halocline.runtime.device import Compute
from halocline.systems.protocol import SYSTEMS, Folder, Trained
from halocline.systems.run import TrainingRun, compile_network
from halocline.systems.surrogate_config import SurrogateConfig
from halocline.systems.weights import built, fill
from halocline.training.batches import PatchBatches
from halocline.training.denoiser_task import DenoiserTask

_YEAR_DAYS = 360
"""Data of fewer days do not hold all seasons."""


class SurrogateSystem:
    """Residual space bound to the state now, the weather as what is given, patches at several scales."""

    config = SurrogateConfig
    compiles = True

    def train(self, config: SurrogateConfig, store: StateStore, run: TrainingRun) -> Trained:
        """Pack the records, then train the denoiser on patches of them."""
        degree_days, device, part = DegreeDays(config.degree_days), run.compute.device, config.patches
        require_variables(store, config.variables, config.forcing, degree_days)
        levels = levels_for(store.grid.mask, part.levels, part.inner, part.overlap)
        pairs = {split: pairs_of(store, split, config.step_hours) for split in ("train", "validation")}
        unknown = _unknown(degree_days, store, run)
        records = run.ranks.first(
            lambda: pack_where(
                store,
                config.variables,
                config.forcing,
                degree_days,
                config.step_hours,
                run.work,
                shared=run.share_packed,
                unknown=unknown,
                workers=run.compute.workers,
                quiet=run.quiet,
            )
        )
        statistics = _statistics(config, records.statistics, store, run)
        codec = ResidualCodec(
            tuple(channel(name) for name in config.variables),
            config.forcing,
            degree_days,
            config.place,
            config.season,
            config.step_hours,
            *(statistics[name] for name in ("mean", "std", "change")),
        )
        denoiser, objective = make_denoiser(config, codec), make_objective(config)
        run.compile(denoiser.network)
        train, held = (
            Patches(records, codec, some, part.inner, part.overlap, levels, part.augment) for some in pairs.values()
        )
        seed = run.seed(config.seed)
        shares = (config.pure_noise, config.training.noise)
        data = PatchBatches(train, held, objective, config.training.batch, seed, *shares)
        task = DenoiserTask("surrogate", denoiser.to(device), data, objective, device, explained=True)
        run.fit(task, config.training)
        return Trained(codec.to_card())

    def load(self, config: SurrogateConfig, folder: Folder, compute: Compute) -> Surrogate:
        """Compose the surrogate from its trained parts."""
        codec = ResidualCodec.from_card(folder.card["codec"])
        denoiser = make_denoiser(config, codec)
        fill(denoiser, folder.weights, "surrogate.", folder.path)
        return replace(compose(config, codec, denoiser, compute, folder.card), trained_grid=folder.grid)


def _unknown(degree_days: DegreeDays, store: StateStore, run: TrainingRun) -> dict[str, float]:
    """Return the means, in the initial model's data, of degree days for which a store is too short."""
    known = {} if run.initial is None else run.initial.card["codec"]["mean"]
    return {name: known[name] for name in degree_days.unfilled(store.hours, store.calendar) if name in known}


def _statistics(
    config: SurrogateConfig, fitted: dict[str, dict[str, float]], store: StateStore, run: TrainingRun
) -> dict[str, dict[str, float]]:
    """Return mean, std and change by name: the data's, or where they cannot tell, the initial model's."""
    if run.initial is None:
        return fitted
    before, unknown = run.initial.card["codec"], _unknown(DegreeDays(config.degree_days), store, run)
    short = store.hours[-1] - store.hours[0] < 24 * _YEAR_DAYS
    keep = config.statistics == "initial" or (config.statistics == "auto" and short)
    return {
        kind: {name: before[kind][name] if keep or name in unknown else value for name, value in table.items()}
        for kind, table in fitted.items()
    }


def compose(
    config: SurrogateConfig, codec: ResidualCodec, denoiser: NetworkDenoiser, compute: Compute, card: dict[str, Any]
) -> Surrogate:
    """Compose a surrogate from its trained parts."""
    part, flow = config.forecast, config.objective == "flow"
    if compute.compiled:
        compile_network(denoiser.network)
    bounds = IceBounds(codec.variables, part.sic_minimum)
    one_mask = part.one_mask and {"sit", "sic"} <= set(codec.channels)
    chain = Chain(
        codec=codec,  # type: ignore[arg-type]
        schedule=LinearPath(part.steepness, part.shift),
        solver=part.solver if flow else "ddim",
        steps=part.steps if flow else 1,
        compute=compute,
        constraints=(Placed(bounds.name, Always(bounds)),) if one_mask else (),
    )
    return Surrogate(
        chain=chain,
        denoiser=denoiser.eval().to(compute.device),
        residual=codec,
        inner=config.patches.inner,
        overlap=config.patches.overlap,
        blend=part.blend,
        bounding=part.bounding if flow else "none",
        noisy=make_objective(config).noisy,
        noise_hours=part.noise_hours,
        views=part.views,
        symmetric=config.patches.augment,
        one_pass=not flow,
        card=card,
    )


def make_denoiser(config: SurrogateConfig, codec: ResidualCodec) -> NetworkDenoiser:
    """Return a freshly initialised denoiser on the straight path, with a learned scale."""
    part, variables = config.network, len(codec.channels)
    sizes: dict[str, Any] = part.model_dump(include={"width", "blocks", "heads", "patch", "hidden"})

    def build() -> nn.ModuleList:
        network = NETWORKS["transformer"](
            variables + len(codec.given),
            variables,
            codec.labels_size,
            sizes | {"reach": part.reach if part.localised else None},
        )
        return nn.ModuleList([network, LogScale(codec.labels_size, variables)])

    network, scale = built("surrogate", config.seed, 12 * part.blocks * part.width**2, build)
    return NetworkDenoiser(network, LinearPath(), config.reads, scale=scale)


def make_objective(config: SurrogateConfig) -> Objective:
    """Return what the network is trained on."""
    settings: dict[str, dict[str, Any]] = {
        "flow": {"likelihood": config.likelihood},
        "crps": {"scales": config.scales, "alpha": config.fair, "members": config.members, "energy": config.energy},
    }
    return OBJECTIVES[config.objective](**settings.get(config.objective, {}))


SYSTEMS.register("surrogate")(SurrogateSystem())
