"""Snapshots of averaged weights in a stage's folder; the checkpoint knows those that were written before it."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import safetensors.torch
from torch import Tensor, nn

from halocline.runtime import files
from halocline.runtime.errors import ModelError


def snapshot_steps(steps: int, snapshots: int) -> list[int]:
    """Return after how many steps snapshots are due: evenly spread, the last one at the end."""
    return sorted({max(1, round(k * steps / snapshots)) for k in range(1, snapshots + 1)})


def write_snapshot(folder: Path, done: int, modules: Mapping[str, nn.Module]) -> None:
    """Write the weights of all averages after ``done`` steps; a resumed training writes the same bytes again."""
    tensors = {
        f"{prefix}.{name}": value.detach().contiguous()
        for prefix, module in modules.items()
        for name, value in module.named_parameters()
    }
    files.write_bytes(_file(folder, done), safetensors.torch.save(tensors))


def read_snapshots(folder: Path, steps: Sequence[int]) -> Iterator[dict[str, Tensor]]:
    """Yield the tensors of each snapshot.

    Raises:
        ModelError: If one is missing.
    """
    for done in steps:
        file = _file(folder, done)
        try:
            yield safetensors.torch.load(file.read_bytes())
        except OSError as error:
            raise _missing(file, f"a file that cannot be read ({error.strerror})") from error


def sums_of(folder: Path, step: int, known: Mapping[str, str]) -> dict[str, str]:
    """Return the sha256 of each snapshot that was written up to a step, by name; those known are not read again."""
    names = [file.name for file in sorted(folder.glob("snapshot-*.safetensors")) if _step(file) <= step]
    return {name: known.get(name) or files.sha256_of(folder / name) for name in names}


def check_sums(folder: Path, sums: Mapping[str, str]) -> None:
    """Raise ModelError unless all snapshots of a checkpoint are there as they were written."""
    for name, expected in sums.items():
        file = folder / name
        if not file.exists() or files.sha256_of(file) != expected:
            raise _missing(file, "another sha256 than the checkpoint notes" if file.exists() else "no such file")


def _file(folder: Path, done: int) -> Path:
    return folder / f"snapshot-{done:08d}.safetensors"


def _step(file: Path) -> int:
    return int(file.stem.removeprefix("snapshot-"))


def _missing(file: Path, found: str) -> ModelError:
    remedy = "A snapshot of the averaged weights was removed or changed; remove this training folder and train again."
    return ModelError(f"snapshot {file}", found=found, expected="the file as it was written", remedy=remedy)
