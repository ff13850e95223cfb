"""Train a recipe from a store to a model folder, stage by stage, resumable to the bit.

While a training runs everything lies in ``MODEL.training``; the model folder appears whole at the end.
"""

import hashlib
import json
import platform
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch

from halocline.chain.latent import encode_all, latent_moments
from halocline.data.sampling.samples import Samples, Source
from halocline.data.store.store import StateStore
from halocline.diffusion.objectives import DenoisingObjective
from halocline.nn.autoencoder import Autoencoder
from halocline.runtime import files
from halocline.runtime.device import Compute
from halocline.runtime.errors import ConfigError, OutputError
from halocline.runtime.model_folder import write_model
from halocline.runtime.run_lock import alone
from halocline.runtime.version import __version__
from halocline.systems.compose import arrays_of, make_denoiser, prepare
from halocline.systems.config import GeneratorConfig, RecipeConfig
from halocline.systems.seaice import make_autoencoder, make_codec
from halocline.systems.seaice_config import SeaIceGeneratorConfig
from halocline.systems.surrogate import train_denoiser
from halocline.systems.surrogate_config import SurrogateConfig
from halocline.training.autoencoder_task import AutoencoderTask
from halocline.training.denoiser_task import DenoiserTask
from halocline.training.loop import fit


@alone
def train(
    config: RecipeConfig,
    store: StateStore,
    out: Path,
    compute: Compute,
    *,
    name: str = "",
    command: str = "",
    resume: bool = False,
    half: bool = False,
    quiet: bool = False,
) -> Path:
    """Train every stage of a recipe and write the model folder.

    Args:
        config: The recipe.
        store: Training data.
        out: Model folder to make; must not exist.
        compute: Device and precision.
        name: The model's name in its card.
        command: The command line that a reader of the card can run again.
        resume: Continue a training that was stopped or killed.
        half: Store weights in float16 (for models that ship).
        quiet: Show no progress.

    Raises:
        OutputError: If ``out`` exists, or an unfinished training lies there and ``resume`` is not given.
        ConfigError: If ``resume`` meets a training of another recipe or other data, or a recipe cannot be compiled.
    """
    out = Path(out)
    work = out.with_name(out.name + ".training")
    if resume and out.exists() and work.exists():  # killed between the last rename and the tidying up
        files.remove(work)
        return out
    files.require_absent(out)
    if compute.compiled and not isinstance(config, SurrogateConfig):
        raise ConfigError(
            "--compile", found=f"the recipe '{config.recipe}'", expected="a surrogate", remedy="Leave --compile out."
        )
    _open_work(work, _identity(config, store, compute), resume)
    if isinstance(config, SurrogateConfig):
        done = _train_surrogate(config, store, work, compute, quiet)
    else:
        done = _train_generator(config, store, work, compute, quiet)
    weights = done.weights
    if half:
        weights = {k: v if k.startswith("latent.") else v.half() for k, v in weights.items()}

    card = {
        "name": name or out.name,
        "recipe": config.recipe,
        "config": config.model_dump(mode="json"),
        "codec": done.codec,
        "conditions": done.conditions,
        "grid": {
            "name": store.grid.name,
            "fingerprint": store.grid.fingerprint(),
            "spacing": store.grid.spacing,
            "projection": store.grid.projection,
        },
        "data_fingerprint": store.fingerprint,
        "data_provenance": store.attributes.get("provenance", {}),
        "metrics": done.metrics,
        "metrics_from": "averaged weights on fixed validation samples at the end of each stage",
        "command": command,
        "parameters": {stage: _count(weights, f"{stage}.") for stage in done.stages},
        "versions": {"halocline": __version__, "torch": torch.__version__, "python": platform.python_version()},
    }
    write_model(out, weights, store.grid.to_arrays() | done.arrays, card)
    logs = [work / stage / "log.jsonl" for stage in done.stages]
    files.write_text(out / "log.jsonl", "".join(f.read_text() for f in logs if f.exists()))
    files.remove(work)
    return out


class Trained(NamedTuple):
    """What the stages of a recipe hand to the model folder.

    Attributes:
        weights: Tensors by name, each with its stage's name before the first dot.
        metrics: Validation figures by stage.
        codec: The codec's card.
        stages: Names of the stages.
        conditions: The conditions' card; None without.
        arrays: What the folder stores beside the grid.
    """

    weights: dict[str, torch.Tensor]
    metrics: dict[str, Any]
    codec: dict[str, Any]
    stages: tuple[str, ...]
    conditions: dict[str, Any] | None = None
    arrays: dict[str, np.ndarray] = {}  # noqa: RUF012


def _train_surrogate(config: SurrogateConfig, store: StateStore, work: Path, compute: Compute, quiet: bool) -> Trained:
    weights, metrics, codec = train_denoiser(config, store, work, compute, quiet=quiet)
    return Trained(weights, metrics, codec.to_card(), ("surrogate",))


def _train_generator(config: GeneratorConfig, store: StateStore, work: Path, compute: Compute, quiet: bool) -> Trained:
    parts = prepare(config, store, quiet=quiet)
    told = parts.conditions
    train_set = Samples(store, "train", parts.codec, told, every=config.every, quiet=quiet)
    validation = Samples(store, "validation", parts.codec, told, every=max(config.every, 4), quiet=quiet)
    weights: dict[str, torch.Tensor] = {}
    metrics: dict[str, Any] = {}

    sources: tuple[Source, Source] = (train_set, validation)
    if isinstance(config, SeaIceGeneratorConfig) and config.space == "latent":
        autoencoder, metrics["autoencoder"] = _train_autoencoder(
            config, store, train_set, validation, work, compute, quiet
        )
        weights |= {f"autoencoder.{k}": v for k, v in autoencoder.named_parameters()}
        sources, moments = _latents(autoencoder, train_set, validation, compute)
        weights |= {"latent.mean": moments[0], "latent.std": moments[1]}

    task = DenoiserTask(
        make_denoiser(config, store.grid, parts).to(compute.device),
        *sources,
        objective=DenoisingObjective(config.denoiser.snr_limit, config.denoiser.weighting),
        batch=config.denoiser.training.batch,
        seed=config.seed,
        device=compute.device,
    )
    denoiser, metrics["denoiser"] = fit(task, config.denoiser.training, work / "denoiser", compute, quiet=quiet)
    weights |= {f"denoiser.{k}": v for k, v in denoiser.named_parameters()}
    told_card = None if told is None else told.to_card()
    stages = ("autoencoder", "denoiser")
    return Trained(weights, metrics, parts.codec.to_card(), stages, told_card, arrays_of(config, parts))


def _train_autoencoder(
    config: SeaIceGeneratorConfig,
    store: StateStore,
    train_set: Samples,
    validation: Samples,
    work: Path,
    compute: Compute,
    quiet: bool,
) -> tuple[Autoencoder, dict[str, float]]:
    codec = make_codec(config, store.statistics, store.grid)
    task = AutoencoderTask(
        make_autoencoder(config, store.grid).to(compute.device),
        train_set,
        validation,
        likelihood=config.autoencoder.likelihood,
        bounds=codec.bounds_in_network_space(),
        beta=config.autoencoder.beta,
        batch=config.autoencoder.training.batch,
        seed=config.seed,
        device=compute.device,
    )
    module, figures = fit(task, config.autoencoder.training, work / "autoencoder", compute, quiet=quiet)
    assert isinstance(module, Autoencoder)
    return module, figures


class _Latents:
    """Latents held in memory, as a training source."""

    def __init__(self, latents: np.ndarray) -> None:
        self._latents = latents

    def __len__(self) -> int:
        return len(self._latents)

    def take(self, numbers: np.ndarray) -> np.ndarray:
        """Return latents (len(numbers), z, y, x)."""
        return self._latents[numbers]

    def conditions(self, numbers: np.ndarray) -> np.ndarray | None:
        """Return None: latents are drawn unconditionally."""
        return None


def _latents(
    autoencoder: Autoencoder, train_set: Samples, validation: Samples, compute: Compute
) -> tuple[tuple[Source, Source], tuple[torch.Tensor, torch.Tensor]]:
    mask = autoencoder.latent_mask.cpu().numpy()
    raw = encode_all(autoencoder, train_set, compute)
    mean, std = latent_moments(raw, mask)
    scaled = [
        ((part - mean) / std * mask).astype(np.float32) for part in (raw, encode_all(autoencoder, validation, compute))
    ]
    return (_Latents(scaled[0]), _Latents(scaled[1])), (torch.from_numpy(mean), torch.from_numpy(std))


def _identity(config: RecipeConfig, store: StateStore, compute: Compute) -> dict[str, str]:
    text = json.dumps(
        config.model_dump(mode="json", exclude={"description", "sampler", "constraints", "forecast"}), sort_keys=True
    )
    return {
        "recipe": hashlib.sha256(text.encode()).hexdigest()[:16],
        "data": store.fingerprint,
        "precision": ("bf16" if compute.bf16 else "fp32") + (" compiled" if compute.compiled else ""),
    }


def _open_work(work: Path, identity: dict[str, str], resume: bool) -> None:
    file = work / "identity.json"
    if not file.exists():
        if resume:
            raise OutputError(
                f"training {work}",
                found="nothing to resume",
                expected="an unfinished training",
                remedy="Leave --resume out to start one.",
            )
        files.write_text(file, json.dumps(identity) + "\n")
        return
    if not resume:
        raise OutputError(
            f"training {work}",
            found="an unfinished training",
            expected="none",
            remedy="Continue it with --resume, choose another --out, or remove the folder.",
        )
    before = json.loads(file.read_text())
    for key, value in identity.items():
        if before.get(key) != value:
            raise ConfigError(
                f"--resume of {work}",
                found=f"another {key} ({value})",
                expected=f"the {key} it was started with ({before.get(key)})",
                remedy="Give the same recipe, --set, --data and --precision as at the start, or choose another --out.",
            )


def _count(weights: dict[str, Any], prefix: str) -> int:
    return sum(v.numel() for k, v in weights.items() if k.startswith(prefix))
