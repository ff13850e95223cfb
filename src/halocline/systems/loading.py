"""Load a model folder, or a shipped model by name, ready to draw or to step."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from halocline.chain.forecast.baselines import BASELINES, Persistence
from halocline.chain.forecast.surrogate import Surrogate
from halocline.chain.generator import Generator
from halocline.runtime.device import Compute, choose_compute
from halocline.runtime.errors import ModelError
from halocline.runtime.model_folder import read_model, require_parts
from halocline.systems.config import parse_config
from halocline.systems.protocol import SYSTEMS, Folder, Model
from halocline.systems.shipped import model_path


def load(model: str | Path, compute: Compute | None = None) -> Model:
    """Load a model of any system, or a baseline.

    Args:
        model: A model folder, the name of a shipped model, or ``persistence`` or ``free-drift``.
        compute: Device and precision; chosen automatically if None.

    Returns:
        A Generator, which draws states, or a Surrogate, which steps them.

    Raises:
        ModelError: If the folder is missing, damaged, or holds weights of another shape.
    """
    if str(model) in BASELINES and not Path(model).exists():
        return BASELINES[str(model)]()
    path = model_path(model)
    weights, arrays, card = read_model(path)
    require_parts(path, card)
    config = parse_config(card["config"])
    folder, compute = Folder(path, weights, arrays, card), compute or choose_compute()
    try:
        found = SYSTEMS[config.recipe].load(config, folder, compute)
        if isinstance(found, Generator):  # what of the card's numbers is used only when states are drawn
            found.codec.decode(np.zeros((1, *found.codec.shape), np.float32))
        return found
    except (KeyError, IndexError, TypeError, ValueError, AttributeError, ZeroDivisionError) as error:
        raise ModelError(
            f"model {path}",
            found=f"parts that do not fit each other ({type(error).__name__}: {error})",
            expected="card, grid and weights as 'halocline train' writes them",
            remedy="The folder was put together by hand; train or copy the model again.",
        ) from error


def load_model(
    model: str | Path, compute: Compute | None = None, *, constraints: Sequence[str] | None = None
) -> Generator:
    """Load a generator.

    Args:
        model: A model folder, or the name of a shipped model.
        compute: Device and precision; chosen automatically if None.
        constraints: Obeyed instead of the recipe's own, by name; ``none`` alone for nothing.

    Raises:
        ModelError: If the folder is missing, damaged, or holds a surrogate.
        ConfigError: If the model offers no such constraint.
    """
    loaded = load(model, compute)
    if not isinstance(loaded, Generator):
        raise ModelError(
            f"model {model_path(model)}",
            found="a surrogate, which steps states forward",
            expected="a generator",
            remedy="Use: halocline forecast, or halocline.load(...).forecast.",
        )
    return loaded if constraints is None else loaded.with_constraints(constraints)


def load_surrogate(
    model: str | Path,
    compute: Compute | None = None,
    *,
    steps: int | None = None,
    solver: str | None = None,
    noise_hours: float | None = None,
    views: str | None = None,
    noise: str | None = None,
) -> Surrogate:
    """Load a surrogate; the options replace what its recipe says, see ``Surrogate.with_options``.

    Raises:
        ConfigError: If an option does not fit.
        ModelError: If the folder is missing, damaged, or holds a generator.
    """
    loaded = load(model, compute)
    if not isinstance(loaded, Surrogate):
        raise ModelError(
            f"model {model_path(model)}",
            found=f"a model of the recipe '{loaded.card['recipe']}', which draws states",
            expected="a surrogate",
            remedy="Train one: halocline train surrogate-demo --data DATA.zarr --out MODEL",
        )
    return loaded.with_options(steps=steps, solver=solver, noise_hours=noise_hours, views=views, noise=noise)


def load_stepper(
    model: str,
    compute: Compute | None = None,
    *,
    steps: int | None = None,
    solver: str | None = None,
    noise_hours: float | None = None,
    views: str | None = None,
    noise: str | None = None,
) -> Surrogate | Persistence:
    """Load a surrogate, or one of the baselines ``persistence`` and ``free-drift``."""
    if model in BASELINES and not Path(model).exists():
        return BASELINES[model]()
    options = {"solver": solver, "noise_hours": noise_hours, "views": views, "noise": noise}
    return load_surrogate(model, compute, steps=steps, **options)  # type: ignore[arg-type]
