"""Is what lies on disk as it was written: seals, checksums and contents of everything that Halocline writes."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal

SEALED = "the seal fits"
UNSEALED = "no seal: written by an older version or another program"
Kind = Literal["model", "zarr", "task", "training stage", "folder"]
_RECORDS = (".json", ".jsonl", ".npz", ".safetensors")


def kind_of(path: Path) -> Kind | None:
    """Return what kind of folder a path is; None for a file."""
    marks: dict[str, Kind] = {
        "card.json": "model",
        "zarr.json": "zarr",
        "series.jsonl": "task",
        "checkpoint.json": "training stage",
    }
    if not path.is_dir():
        return None
    return next((kind for mark, kind in marks.items() if (path / mark).is_file()), "folder")


def is_record(path: Path) -> bool:
    """Tell whether a path holds records of runs: not a model, a store, or states."""
    kind = kind_of(path)
    return path.suffix in _RECORDS if kind is None else kind in ("task", "training stage", "folder") and _ours(path)


def records_of(path: Path) -> dict[str, Any]:
    """Read every file of a training, of runs, of restarts or of a report, and say what has a seal.

    Raises:
        HaloclineError: If one is not as it was written.
    """
    found = dict(_walk(path))
    without = sorted(name for name, sealed in found.items() if not sealed)
    about: dict[str, Any] = {"records": str(path), "files": len(found), "with a seal": len(found) - len(without)}
    about["soundness"] = "every file with a seal fits it" if len(without) < len(found) else UNSEALED
    return about | ({"without": without} if without else {})


def verify_states(path: Path) -> str:
    """Read a forecast or a file of states as a whole; return in words what was seen.

    Raises:
        HaloclineError: If it does not fit its seal, cannot be read, or a forecast is not what it says.
    """
    import numpy as np

    from halocline.data.files.open import check_unchanged, is_forecast, open_dataset, read_dataset
    from halocline.evaluate.forecast.file import open_forecast
    from halocline.runtime.seals.file_end import is_sealed
    from halocline.runtime.seals.json_object import damaged
    from halocline.runtime.seals.zarr_group import check_seal

    check_unchanged(path, whole=True)
    if is_forecast(path):
        forecast = open_forecast(path)
        for start in range(len(forecast.start_hours)):
            for lead in range(len(forecast.lead_hours)):
                forecast.read(start, lead)
        written = open_dataset(path, "forecast", "raw").get("leads_written")
        if written is not None and (np.asarray(written.values) != len(forecast.lead_hours)).any():
            raise damaged(f"forecast {path}", "another number of leads than it says are written")
    else:
        read_dataset(path)
    sealed = check_seal(path) is not None if path.is_dir() else is_sealed(path)
    return f"every value read; {SEALED if sealed else UNSEALED}"


def _ours(path: Path) -> bool:
    """Tell whether a folder holds files that are records, or folders of them."""
    return any(f.suffix in _RECORDS or (f / "zarr.json").is_file() for f in path.rglob("*"))


def _walk(path: Path) -> Iterator[tuple[str, bool]]:
    """Yield (file or folder, whether it has a seal that fits)."""
    from halocline.data.files.open import is_store
    from halocline.data.store.statistics import verify_store
    from halocline.runtime.model_folder import read_model
    from halocline.training.checkpoint import check_checkpoint
    from halocline.worlds.dino.job import TaskFolder

    kind = kind_of(path)
    if kind is None:
        yield str(path), _file(path)
        return
    if kind == "model":
        read_model(path)
        yield str(path), True
        return
    if kind == "zarr":
        yield str(path), verify_store(path) if is_store(path) else SEALED in verify_states(path)
        return
    known: set[str] = set()
    if kind == "task":
        TaskFolder(path).read_series()
    if kind == "training stage":
        pointer = check_checkpoint(path)
        known = {pointer["file"], *pointer.get("snapshots", {})}
    for inside in sorted(path.iterdir()):
        if inside.name in known:
            yield str(inside), True
        elif not inside.name.startswith("."):
            yield from _walk(inside)


def _file(path: Path) -> bool:
    """Check a single file; return whether it has a seal."""
    from halocline.data.sampling.packed import read_packed
    from halocline.runtime.log import has_seals, read_lines
    from halocline.runtime.seals.arrays import read_arrays, read_npz
    from halocline.runtime.seals.file_end import check_file, is_sealed
    from halocline.runtime.seals.json_object import has_seal, read_json

    if path.suffix == ".json":
        read_json(path, "record")
        return has_seal(path)
    if path.suffix == ".jsonl":
        read_lines(path, "record")
        return has_seals(path)
    if path.suffix == ".npz":
        read_npz(path, "record")
        return True
    if path.suffix == ".safetensors":
        return read_arrays(path, "record")[2]
    if path.name == "records.npy":
        read_packed(path.parent)
        return True
    if path.suffix == ".nc":
        check_file(path, "record", whole=True)
        return is_sealed(path)
    return False
