"""What sea-ice and ocean generators share: training and composing codec, autoencoder, denoiser and constraints."""

import sys
from abc import ABC, abstractmethod
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, ClassVar

import numpy as np
import torch
from torch import nn

from halocline.chain.chain import Chain
from halocline.chain.generator import Generator
from halocline.chain.latent import LatentSpace, latent_sources
from halocline.chain.placed import Draw, Placed
from halocline.constraints.protocol import Constraint, Needs, Setting
from halocline.constraints.registry import CONSTRAINTS
from halocline.data.codecs.protocol import StateCodec
from halocline.data.grids.grid import Grid
from halocline.data.sampling.conditions import Conditions
from halocline.data.sampling.samples import Samples, Source
from halocline.data.store.store import StateStore
from halocline.diffusion.denoiser import NetworkDenoiser
from halocline.diffusion.objectives.base import Objective
from halocline.diffusion.paths.base import SCHEDULES
from halocline.nn.autoencoder import Autoencoder
from halocline.nn.base import NETWORKS
from halocline.runtime.device import Compute
from halocline.runtime.errors import InputError
from halocline.systems.detail import detail_of, guided_of, make_detail, rough_fields, train_detail
from halocline.systems.learning import channel_weights, loss_weight, make_objective, make_times
from halocline.systems.preflight import LATENT, Place, Preflight, preflight, some_fields
from halocline.systems.protocol import Folder, Trained
from halocline.systems.run import TrainingRun
from halocline.systems.sections import DenoiserConfig, GeneratorConfig
from halocline.systems.weights import built, fill
from halocline.training.autoencoder_task import AutoencoderTask
from halocline.training.batches import FieldBatches, TrainingData
from halocline.training.denoiser_task import DenoiserTask
from halocline.training.square_batches import SquareBatches
from halocline.training.squares import Squares


@dataclass(frozen=True, eq=False)
class Parts:
    """What a generator learns from the data before any network is trained.

    Attributes:
        codec: Network space to physical space.
        maps: What networks know of the place, in network space (map, y, x) float32; the first is the ocean mask.
        periodic: Axes along which the plane closes, out of ``y`` and ``x``.
        conditions: Season and parameters that can be given; None for nothing.
        fitted: Whatever else its constraints need, by name.
    """

    codec: StateCodec
    maps: np.ndarray
    periodic: tuple[str, ...] = ()
    conditions: Conditions | None = None
    fitted: dict[str, Any] | None = None


class GeneratorSystem(ABC):
    """A generator over the chain; a subclass says what it fits and which constraints it offers.

    Attributes:
        config: Its configuration.
        compiles: Its denoiser and its stochastic decoder can be compiled; it pays on GPUs.
    """

    config: ClassVar[type[GeneratorConfig]]
    compiles: ClassVar[bool] = True

    @abstractmethod
    def fit(self, config: Any, store: StateStore, *, quiet: bool) -> Parts:
        """Return the parts as the training states determine them."""

    @abstractmethod
    def restore(self, config: Any, folder: Folder) -> Parts:
        """Return the parts that a model folder holds."""

    @abstractmethod
    def offered(self, config: Any, parts: Parts, grid: Grid) -> tuple[Placed, ...]:
        """Return the constraints that can be chosen, in the order in which they act."""

    def arrays(self, parts: Parts) -> dict[str, np.ndarray]:
        """Return what a model folder stores of the parts beside its card and grid."""
        return {}

    def about(self, parts: Parts) -> dict[str, Any]:
        """Return what a model's card says of the parts beside the codec."""
        return {}

    def places(self, parts: Parts, fields: np.ndarray) -> tuple[Place, ...]:
        """Return where the pre-flight looks at small scales of fields in network space; the first place counts."""
        return (Place("interior", parts.codec.loss_mask[None] > 0),)

    def preflight(self, config: Any, store: StateStore, parts: Parts | None = None) -> Preflight | None:
        """Return what the recipe's loss pays for the smallest scales of a store; None in a latent space."""
        if config.space == "latent":
            return None
        parts = parts or self.fit(config, store, quiet=True)
        fields = some_fields(config, parts.codec, store, parts.conditions)
        return preflight(config, parts.codec, fields, self.places(parts, fields))

    def train(self, config: Any, store: StateStore, run: TrainingRun) -> Trained:
        """Train the autoencoder, if there is one, then the denoiser, then the stochastic decoder, if there is one."""
        parts = self._kept(config, store, run) if config.keep else self.fit(config, store, quiet=run.quiet)
        guided_of(config.sampler.detail_guided, parts.codec)  # a name that is wrong is told before hours of training
        weights = channel_weights(config, parts.codec)
        if not run.quiet or config.denoiser.channel_weights == "auto":
            found = self.preflight(config, store, parts)
            if not run.quiet:
                print(LATENT if found is None else found.text(), file=sys.stderr)
            if found is not None and config.denoiser.channel_weights == "auto":
                weights = dict(zip(found.variables, found.weights.tolist(), strict=True))
        sets = [
            Samples(store, split, parts.codec, parts.conditions, every=every, quiet=run.quiet)  # type: ignore[arg-type]
            for split, every in (("train", config.every), ("validation", max(config.every, config.validation_every)))
        ]
        sources: list[Source] = list(sets)
        latent = None
        if config.space == "latent":
            autoencoder = _train_autoencoder(config, parts, sets, run)
            known = run.latent_moments() if "denoiser" in config.keep else None  # those that it was trained with
            sources, moments = latent_sources(autoencoder, sets, run.compute, known)
            run.weights |= {"latent.mean": moments[0], "latent.std": moments[1]}
            latent = LatentSpace(autoencoder, *(moment.to(run.compute.device) for moment in moments))
        part, objective = config.denoiser, make_objective(config.denoiser)
        denoiser = make_denoiser(config, parts, placed=not part.crop)
        run.compile(denoiser.network)
        weight, seed = loss_weight(config, parts.codec, weights), run.seed(config.seed)
        data: TrainingData
        if part.crop:
            data = _squares(config, parts, sources, objective, weight, seed)
        else:
            data = FieldBatches(
                sources[0],
                sources[1],
                objective,
                part.training.batch,
                seed,
                weight,
                make_times(part),
                part.drop_conditions,
                part.training.noise,
            )
        task = DenoiserTask("denoiser", denoiser.to(run.compute.device), data, objective, run.compute.device)
        kept = "denoiser" in config.keep
        done = run.keep("denoiser", task.module) if kept else run.fit(task, part.training)
        if config.detail is not None:
            whole = None if latent else make_denoiser(config, parts)  # of whole fields, whatever it was trained on
            rough = rough_fields(config, latent, whole, done, sources, run.compute)
            train_detail(config, parts.codec, parts.maps, parts.periodic, rough, sets, run)
        conditions = None if parts.conditions is None else parts.conditions.to_card()
        about = {"channel_weights": weights} if config.denoiser.channel_weights == "auto" else {}
        about |= self.about(parts)
        arrays = self.arrays(parts) | ({} if parts.conditions is None else parts.conditions.arrays())
        return Trained(parts.codec.to_card(), conditions, arrays, about)

    def _kept(self, config: Any, store: StateStore, run: TrainingRun) -> Parts:
        """Return the parts of the model whose stages are taken over: they know no other codec."""
        initial = run.initial
        assert initial is not None
        if not initial.grid.is_same_as(store.grid.fingerprint()):
            raise InputError(
                f"store {store.path}",
                found="another grid",
                expected=f"that of {initial.named}, whose {' and '.join(config.keep)} the recipe keeps",
                remedy="Train on states of that grid, or train all stages (--set keep=[]).",
            )
        return self.restore(config, Folder(initial.path, initial.weights, initial.arrays, initial.card))

    def load(self, config: Any, folder: Folder, compute: Compute) -> Generator:
        """Compose the generator from its trained parts."""
        parts, latent, detail = self.restore(config, folder), None, None
        if config.space == "latent":
            autoencoder = make_autoencoder(config, parts)
            fill(autoencoder, folder.weights, "autoencoder.", folder.path)
            mean, std = (folder.weights[f"latent.{name}"].to(compute.device) for name in ("mean", "std"))
            latent = LatentSpace(_ready(autoencoder, compute), mean, std)
        denoiser = make_denoiser(config, parts)
        fill(denoiser, folder.weights, "denoiser.", folder.path)
        if config.detail is not None:
            module = make_detail(config, parts.codec, parts.maps, parts.periodic)
            fill(module, folder.weights, "detail.", folder.path)
            scale = folder.weights["latent.residual"]
            detail = detail_of(config, _ready(module, compute), scale, parts.codec, parts.maps, compute)
        offered = self.offered(config, parts, folder.grid)
        chain = Chain(
            codec=parts.codec,
            schedule=denoiser.schedule,
            solver=config.sampler.solver,
            steps=config.sampler.steps,
            compute=compute,
            latent=latent,
            constraints=tuple(c for c in offered if c.where != "none"),
            fine_share=config.sampler.fine_share,
            detail=detail,
        )
        return Generator(
            chain,
            _ready(denoiser, compute),
            folder.grid,
            folder.card,
            conditions=parts.conditions,
            offered=offered,
            clip=config.sampler.clip or None,
            drops_conditions=config.denoiser.drop_conditions > 0,
        )


def others(needs: Needs, setting: Setting, own: Collection[str]) -> tuple[Placed, ...]:
    """Return the other registered constraints for such states: at the end, and only if they are chosen by name.

    Args:
        needs: ``ice`` or ``ocean``.
        setting: What they are made from.
        own: Names of those that the system places itself.
    """
    names = [name for name in CONSTRAINTS if name not in own and CONSTRAINTS[name].needs in (needs, "any")]
    return tuple(Placed(name, partial(_made, name, setting), where="none") for name in names)


def _made(name: str, setting: Setting, draw: Draw) -> Constraint:
    return CONSTRAINTS[name].of(setting)


def make_autoencoder(config: GeneratorConfig, parts: Parts) -> Autoencoder:
    """Return a freshly initialised autoencoder."""
    part = config.autoencoder
    assert part is not None

    def build() -> Autoencoder:
        return Autoencoder(
            parts.codec.shape[0],
            torch.from_numpy(parts.maps),
            latent=part.latent,
            width=part.width,
            levels=part.levels,
            blocks=part.blocks,
            patch=part.patch,
            periodic=parts.periodic,
        )

    return built("autoencoder", config.seed, 36 * part.blocks * (part.width * 2**part.levels) ** 2, build)


def make_denoiser(config: GeneratorConfig, parts: Parts, *, placed: bool = True) -> NetworkDenoiser:
    """Return a freshly initialised denoiser of data space or of the latent space.

    Args:
        config: The recipe.
        parts: What is fitted before.
        placed: Whether it holds maps and mask of the whole plane; else it must be given them with every field.
    """
    part, channels = config.denoiser, parts.codec.shape[0]
    maps = torch.from_numpy(parts.maps)
    mask = torch.from_numpy(parts.codec.network_mask) if part.cells == "wet" else torch.ones(1, *maps.shape[1:])
    if config.space == "latent":
        assert config.autoencoder is not None
        channels, factor = config.autoencoder.latent, config.autoencoder.factor
        mask = nn.functional.max_pool2d(maps[None, :1], factor)[0]
        maps = nn.functional.avg_pool2d(maps[None], factor)[0]
    if not part.maps:
        maps = maps[:0]
    vector = 0 if parts.conditions is None else parts.conditions.size + (part.drop_conditions > 0)
    network = built(
        "denoiser",
        config.seed,
        36 * part.blocks * (part.width * max(part.multipliers)) ** 2,
        lambda: NETWORKS[part.network](channels + len(maps), channels, vector, _sizes(part, parts.periodic)),
    )
    schedule = SCHEDULES[part.schedule]()
    if not placed:
        return NetworkDenoiser(network, schedule, part.prediction)
    return NetworkDenoiser(network, schedule, part.prediction, maps=maps, mask=mask)


def _squares(
    config: GeneratorConfig,
    parts: Parts,
    sources: Sequence[Source],
    objective: Objective,
    weight: np.ndarray | None,
    seed: int,
) -> SquareBatches:
    """Return batches of squares of the states, each with the maps and the mask of its place."""
    part = config.denoiser
    whole = make_denoiser(config, parts)
    assert whole.maps is not None
    assert whole.mask is not None
    return SquareBatches(
        sources[0],
        sources[1],
        objective,
        Squares(parts.maps[0], part.crop, part.multiple),
        (whole.maps, whole.mask),
        batch=part.training.batch,
        crops=part.crops,
        seed=seed,
        weight=weight,
        times=make_times(part),
        drop=part.drop_conditions,
        noise=part.training.noise,
    )


def _sizes(part: DenoiserConfig, periodic: tuple[str, ...]) -> dict[str, Any]:
    if part.network != "unet":
        return dict(part.options)
    names = ("width", "multipliers", "blocks", "patch", "attention")
    return {name: getattr(part, name) for name in names} | {"periodic": periodic} | part.options


def _train_autoencoder(config: GeneratorConfig, parts: Parts, sets: list[Samples], run: TrainingRun) -> Autoencoder:
    part = config.autoencoder
    assert part is not None
    task = AutoencoderTask(
        make_autoencoder(config, parts).to(run.compute.device),
        *sets,
        likelihood=part.likelihood,
        bounds=parts.codec.bounds_in_network_space(),
        mask=parts.codec.loss_mask,
        beta=part.beta,
        batch=part.training.batch,
        seed=run.seed(config.seed),
        device=run.compute.device,
        noise=part.training.noise,
    )
    kept = "autoencoder" in config.keep
    module = run.keep("autoencoder", task.module) if kept else run.fit(task, part.training)
    assert isinstance(module, Autoencoder)
    return module


def _ready(module: Any, compute: Compute) -> Any:
    return module.eval().to(compute.device, memory_format=torch.channels_last)
