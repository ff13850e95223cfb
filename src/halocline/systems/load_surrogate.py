"""Load a surrogate's model folder, or a baseline by name, as a stepper ready to forecast."""

from dataclasses import replace
from pathlib import Path
from typing import Any

from halocline.chain.forecast.baselines import BASELINES, Persistence, make_baseline
from halocline.chain.forecast.surrogate import Surrogate
from halocline.chain.forecast.symmetry_ensemble import Views, views_named
from halocline.constraints.named.ice_bounds import IceBounds
from halocline.data.codecs.residual import ResidualCodec
from halocline.diffusion.flow import FlowDenoiser
from halocline.diffusion.linear_path import LinearPath
from halocline.runtime.device import Compute, choose_compute
from halocline.runtime.errors import ConfigError, ModelError
from halocline.runtime.model_folder import read_model
from halocline.systems.config import parse_config
from halocline.systems.shipped import model_path
from halocline.systems.surrogate import compile_network, make_denoiser
from halocline.systems.surrogate_config import SurrogateConfig
from halocline.systems.trained_weights import fill


def load_surrogate(
    model: str | Path,
    compute: Compute | None = None,
    *,
    steps: int | None = None,
    solver: str | None = None,
    noise_hours: float | None = None,
    views: str | None = None,
) -> Surrogate:
    """Load a surrogate.

    Args:
        model: A model folder, or the name of a shipped model.
        compute: Device and precision; chosen automatically if None.
        steps: Solver steps instead of the recipe's; flows only.
        solver: Solver instead of the recipe's; flows only.
        noise_hours: Memory of the noise instead of the recipe's, hours.
        views: In which symmetry members are stepped, instead of the recipe's: one, member or step.

    Raises:
        ConfigError: If there are no such views, or training has not seen them.
        ModelError: If the folder is missing, damaged, or holds another kind of model.
    """
    compute = compute or choose_compute()
    path = model_path(model)
    weights, _, card = read_model(path)
    config = parse_config(card["config"])
    if not isinstance(config, SurrogateConfig):
        raise ModelError(
            f"model {path}",
            found=f"a model of the recipe '{config.recipe}'",
            expected="a surrogate",
            remedy="Train one: halocline train surrogate-demo --data DATA.zarr --out MODEL",
        )
    codec = ResidualCodec.from_card(card["codec"])
    denoiser = make_denoiser(config, codec)
    fill(denoiser, weights, "surrogate.", path)
    surrogate = make_surrogate(config, codec, denoiser, compute, card)
    flow = config.objective == "flow"
    if flow and steps is not None:
        surrogate = replace(surrogate, steps=steps)
    if noise_hours is not None:
        surrogate = replace(surrogate, noise_hours=noise_hours)
    if views is not None:
        surrogate = replace(surrogate, views=_seen_in_training(views_named(views), config, path))
    return replace(surrogate, solver=solver) if flow and solver is not None else surrogate


def _seen_in_training(views: Views, config: SurrogateConfig, path: Path) -> Views:
    if views != "one" and not config.patches.augment:
        raise ConfigError(
            f"views '{views}' of model {path}",
            found="patches.augment = false, one view in training",
            expected="views that it was trained in",
            remedy="Take --views one.",
        )
    return views


def make_surrogate(
    config: SurrogateConfig, codec: ResidualCodec, denoiser: FlowDenoiser, compute: Compute, card: dict[str, Any]
) -> Surrogate:
    """Compose a surrogate from its trained parts."""
    part = config.forecast
    flow = config.objective == "flow"
    if compute.compiled:
        compile_network(denoiser)
    return Surrogate(
        denoiser=denoiser.eval().to(compute.device),
        codec=codec,
        inner=config.patches.inner,
        overlap=config.patches.overlap,
        blend=part.blend,
        solver=part.solver if flow else "euler",
        steps=part.steps if flow else 1,
        path=LinearPath(part.steepness, part.shift),
        bounding=part.bounding if flow else "none",
        noisy=config.objective != "regression",
        noise_hours=part.noise_hours,
        views=part.views,
        consistent=IceBounds(codec.variables, part.sic_minimum) if part.one_mask else None,
        compute=compute,
        card=card,
    )


def load_stepper(
    model: str,
    compute: Compute | None = None,
    *,
    steps: int | None = None,
    solver: str | None = None,
    noise_hours: float | None = None,
    views: str | None = None,
) -> Surrogate | Persistence:
    """Load a surrogate, or one of the baselines ``persistence`` and ``free-drift``."""
    if model in BASELINES and not Path(model).exists():
        return make_baseline(model)
    return load_surrogate(model, compute, steps=steps, solver=solver, noise_hours=noise_hours, views=views)
