"""The small models that ship in the wheel, and models by path or name. Needs no torch."""

import warnings
from importlib import resources
from pathlib import Path

from halocline.runtime.places.reading import at_hand


def _folder() -> Path:
    return Path(str(resources.files("halocline.systems") / "models"))


def shipped_models() -> list[str]:
    """Return the names of the shipped models."""
    folder = _folder()
    return sorted(f.name for f in folder.iterdir() if (f / "card.json").is_file()) if folder.is_dir() else []


def model_path(model: str | Path) -> Path:
    """Return the folder of a model given by path, address or the name of a shipped model.

    A path that exists wins, and a warning says so where a shipped model has the same name.
    """
    if str(model) not in shipped_models():
        return at_hand(model)
    if not Path(model).exists():
        return _folder() / str(model)
    warnings.warn(
        f"the model '{model}' is taken from the folder {Path(model).resolve()}, not the one of that name that ships "
        "with Halocline: rename the folder, or go elsewhere, for that one",
        stacklevel=2,
    )
    return at_hand(model)


def reference_path(model: str) -> Path:
    """Return the store of real states that ships beside a model, to score its states against."""
    return Path(str(resources.files("halocline.systems") / "references")) / f"{model}.zarr"
