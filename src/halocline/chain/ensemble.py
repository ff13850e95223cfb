"""Members drawn batch by batch, shared out over processes, and written or kept as they come."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import torch
import xarray as xr

from halocline.chain.dataset import check_output, to_dataset
from halocline.chain.pass_memory import PassMemory, measured
from halocline.chain.placed import Draw
from halocline.chain.stream import StateFile, writing
from halocline.constraints.project_all import ProjectionReport, merged
from halocline.runtime.errors import ConfigError
from halocline.runtime.progress import progress
from halocline.runtime.ranks import Ranks

if TYPE_CHECKING:
    from halocline.chain.generator import Generator


def draw_ensemble(
    model: "Generator",
    numbers: Sequence[int],
    seed: int,
    drawn: Mapping[str, np.ndarray],
    *,
    batch: int,
    out: Path | None,
    ranks: Ranks,
    quiet: bool,
) -> xr.Dataset:
    """Draw members; the arguments are those of ``Generator.generate``, with the conditions of all members.

    With ``out`` the first process writes them in order, a batch at a time, whichever process has drawn it: the file
    depends on ``batch``, not on how many processes there are.
    """
    if out is None and ranks.size > 1:
        remedy = "Name a file: out=…"
        raise ConfigError("out", found="none", expected="a file, for several processes", remedy=remedy)
    parts = [slice(start, start + batch) for start in range(0, len(numbers), batch)]

    def make(k: int) -> tuple[np.ndarray, list[ProjectionReport]]:
        return model._batch(numbers[parts[k]], seed, {name: of[parts[k]] for name, of in drawn.items()})

    reports: list[list[ProjectionReport]] = []
    kept: list[xr.Dataset] = []
    sink: AbstractContextManager[StateFile | list[xr.Dataset]] = nullcontext(kept)
    if out is not None:
        ranks.lead(lambda: check_output(out))
        sink = writing(out) if ranks.rank == 0 else sink
    with progress("generating", len(numbers), quiet=quiet or ranks.rank > 0) as report, sink as file:
        for (states, moved), part in zip(ranks.in_turn(len(parts), make), parts, strict=ranks.rank == 0):
            file.append(_dataset(model, states, numbers[part], {name: of[part] for name, of in drawn.items()}))
            reports.append(moved)
            report(min(len(numbers), part.stop), "")
        if ranks.rank == 0:
            whole = merged(reports, [len(numbers[part]) for part in parts])
            provenance = {f"halocline_{key}": value for key, value in model.provenance(seed, whole).items()}
        if isinstance(file, StateFile):
            file.describe(provenance)
    ranks.wait()
    if out is not None:
        zarr_form = out.suffix == ".zarr"
        return xr.open_zarr(out, consolidated=False, chunks=None) if zarr_form else xr.open_dataset(out)
    dataset = kept[0] if len(kept) == 1 else xr.concat(kept, "member", data_vars="minimal", coords="minimal")
    return dataset.assign_attrs(provenance)


def fitting(
    model: "Generator",
    numbers: Sequence[int],
    seed: int,
    drawn: Mapping[str, np.ndarray],
    memory: int,
    most: int,
    ranks: Ranks,
) -> int:
    """Return how many members a pass may have in each process, at most ``most``: the first one counts for all.

    Raises:
        ConfigError: If ``memory`` is too small for one member.
    """
    found = ranks.lead(lambda: memory_of(model, numbers, seed, drawn, received=ranks.size > 1).members(memory, most))
    return int(ranks.total(torch.tensor(found or 0)))


def memory_of(
    model: "Generator", numbers: Sequence[int], seed: int, drawn: Mapping[str, np.ndarray], *, received: bool
) -> PassMemory:
    """Return what passes take: counted on one of one member and one of two, of few solver steps.

    Args:
        model: The generator.
        numbers: The members.
        seed: Seed of the ensemble.
        drawn: Their conditions.
        received: Whether states that another process has drawn are held beside one's own.
    """
    few = model.with_sampler(steps=min(2, model.chain.steps))
    if (detail := few.chain.detail) is not None:
        detail = replace(detail, steps=min(2, detail.steps))
        few = replace(few, chain=replace(few.chain, detail=detail))

    def of(members: int) -> Callable[[], object]:
        some = [numbers[k % len(numbers)] for k in range(members)]
        told = {name: np.resize(values, members) for name, values in drawn.items()}
        vector = None if model.conditions is None or not drawn else model.conditions.encode(told)

        def work() -> object:
            states = few.project(few.draw(some, seed, vector), Draw(some, seed, few.chain.steps, vector))[0]
            return _dataset(few, states, some, told), states.copy() if received else None

        return work

    networks = [model.denoiser]
    networks += [] if model.chain.latent is None else [model.chain.latent.autoencoder]  # type: ignore[list-item]
    networks += [] if model.chain.detail is None else [model.chain.detail.denoiser]
    return measured(of, sum(p.numel() * p.element_size() for network in networks for p in network.parameters()))


def _dataset(
    model: "Generator", states: np.ndarray, numbers: Sequence[int], drawn: Mapping[str, np.ndarray]
) -> xr.Dataset:
    dataset = to_dataset(states, model.codec.channels, model.grid, numbers, {})
    about = {} if model.conditions is None else model.conditions.attributes
    for name, values in drawn.items() if model.guidance else ():
        dataset = dataset.assign_coords({name: ("member", values, about[name])})
    return dataset
