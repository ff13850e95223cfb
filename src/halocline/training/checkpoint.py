"""Training checkpoints: weights, average, optimiser moments and step, as safetensors, committed by one rename.

``checkpoint.json`` names the file that counts and its sha256; it is replaced atomically after the tensors are on
disk, so a kill at any moment leaves the previous checkpoint or the new one.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import safetensors.torch
import torch
from torch import Tensor, nn
from torch.optim import Optimizer

from halocline.runtime import files
from halocline.runtime.errors import ModelError
from halocline.runtime.log import JsonLines
from halocline.runtime.model_folder import LOG
from halocline.runtime.seals.json_object import read_json, write_json
from halocline.training.averages.snapshots import check_sums, sums_of

POINTER = "checkpoint.json"


def save_checkpoint(
    folder: Path,
    step: int,
    trained: nn.Module,
    averages: Mapping[str, nn.Module],
    optimizers: Sequence[Optimizer],
    loss: float,
    records: int | None = None,
) -> None:
    """Write a checkpoint of everything that the next step depends on, and note the snapshots that lie beside it.

    Args:
        folder: The stage's folder.
        step: Steps that are done.
        trained: The network.
        averages: Averaged networks, by the prefix of their weights.
        optimizers: Their moments.
        loss: Its running mean, with which the log goes on.
        records: Records that the log has; a resumed training must find them.
    """
    tensors: dict[str, Tensor] = {}
    for prefix, module in {"trained": trained, **averages}.items():
        tensors |= {f"{prefix}.{name}": value.detach().contiguous() for name, value in module.named_parameters()}
    for name, parameter in trained.named_parameters():
        for key, value in _owner(parameter, optimizers).state.get(parameter, {}).items():
            tensors[f"optimizer.{key}.{name}"] = value.detach().contiguous()
    file = folder / f"checkpoint-{step:08d}.safetensors"
    files.write_bytes(file, safetensors.torch.save(tensors))
    pointer: dict[str, Any] = {"step": step, "file": file.name, "sha256": files.sha256_of(file), "loss": loss}
    if snapshots := sums_of(folder, step, _noted(folder)):
        pointer["snapshots"] = snapshots
    if records is not None:
        pointer["records"] = records
    write_json(folder / POINTER, pointer)
    for old in folder.glob("checkpoint-*.safetensors"):
        if old != file:
            files.remove(old)


def load_checkpoint(
    folder: Path, trained: nn.Module, averages: Mapping[str, nn.Module], optimizers: Sequence[Optimizer]
) -> tuple[int, float | None]:
    """Restore the last checkpoint into the given objects and return its step and running loss; 0, None without one.

    Raises:
        ModelError: If the checkpoint, or a snapshot that belongs to it, is truncated or changed.
    """
    pointer_file = folder / POINTER
    if not pointer_file.exists():
        return 0, None
    pointer = check_checkpoint(folder)
    file = folder / pointer["file"]
    try:
        tensors = safetensors.torch.load(file.read_bytes())
        with torch.no_grad():
            for prefix, module in {"trained": trained, **averages}.items():
                for name, parameter in module.named_parameters():
                    parameter.copy_(tensors[f"{prefix}.{name}"])
            _load_optimizers(tensors, trained, optimizers)
    except (KeyError, RuntimeError, StopIteration) as error:
        raise _damaged(file, f"tensors of another network ({error})") from error
    return int(pointer["step"]), pointer.get("loss")


def check_checkpoint(folder: Path) -> dict[str, Any]:
    """Return what ``checkpoint.json`` says after checking it and every file that it names.

    Raises:
        ModelError: If one is absent, truncated or changed, or records of the log are lost.
    """
    pointer = read_json(folder / POINTER, "checkpoint", ModelError)
    if not isinstance(pointer.get("step"), int) or Path(str(pointer.get("file"))).name != pointer.get("file"):
        raise _damaged(folder / POINTER, f"step {pointer.get('step')!r}, file {pointer.get('file')!r}")
    file = folder / pointer["file"]
    try:
        found = files.sha256_of(file)
    except OSError as error:
        raise _damaged(folder / POINTER, f"a pointer that cannot be followed ({error})") from error
    if found != pointer.get("sha256"):
        raise _damaged(file, "a sha256 other than the one noted when it was written")
    check_sums(folder, pointer.get("snapshots", {}))
    kept = [r for r in JsonLines(folder / LOG).records("log", ModelError) if r.get("step", 0) <= pointer["step"]]
    if len(kept) < pointer.get("records", 0):
        raise _damaged(folder / LOG, f"{len(kept)} records up to step {pointer['step']} of {pointer['records']}")
    return pointer


def _noted(folder: Path) -> dict[str, str]:
    """Return the snapshots that the last checkpoint notes."""
    pointer = read_json(folder / POINTER, "checkpoint", ModelError) if (folder / POINTER).exists() else {}
    noted: dict[str, str] = pointer.get("snapshots", {})
    return noted


def _load_optimizers(tensors: dict[str, Tensor], trained: nn.Module, optimizers: Sequence[Optimizer]) -> None:
    names = dict(trained.named_parameters())
    for full, value in tensors.items():
        kind, _, rest = full.partition(".")
        if kind == "optimizer":
            key, _, name = rest.partition(".")
            state = value.clone() if key == "step" else value.to(names[name].device, copy=True)
            if key != "step":
                # Same strides as a fresh moment has, so that fused kernels take the same path.
                state = torch.empty_like(names[name]).copy_(state)
            _owner(names[name], optimizers).state[names[name]][key] = state


def _owner(parameter: nn.Parameter, optimizers: Sequence[Optimizer]) -> Optimizer:
    """Return the optimiser that moves a parameter."""
    return next(o for o in optimizers if any(p is parameter for g in o.param_groups for p in g["params"]))


def _damaged(file: Path, found: str) -> ModelError:
    remedy = "The checkpoint is truncated or was changed on disk; remove this training folder and train again."
    return ModelError(f"checkpoint {file}", found=found, expected="the file as it was written", remedy=remedy)
