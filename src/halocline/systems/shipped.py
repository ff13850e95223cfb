"""The small models that ship in the wheel, and models by path or name. Needs no torch."""

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
    """Return the folder of a model given by path, address or the name of a shipped model; a path that exists wins."""
    if not Path(model).exists() and str(model) in shipped_models():
        return _folder() / str(model)
    return at_hand(model)


def reference_path(model: str) -> Path:
    """Return the store of real states that ships beside a model, to score its states against."""
    return Path(str(resources.files("halocline.systems") / "references")) / f"{model}.zarr"
