"""The front door for notebooks and scripts, ``import halocline as hl``; functions import what they need when called.

What needs nothing but a shorter name is in ``halocline.__init__``; here is what joins several parts.
"""

import inspect
import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    import xarray as xr

    from halocline.bridge.nemo.velocities import Velocities
    from halocline.chain.generator import Generator
    from halocline.data.reading.choices import Choices
    from halocline.data.store.store import StateStore
    from halocline.observations.table import Observations
    from halocline.systems.protocol import Model

__all__ = ["analyse", "export", "export_ice", "load", "simulate", "train"]


def load(model: str | Path, *, device: str = "auto", precision: str = "auto") -> "Model":
    """Load a model of any system: a Generator, which draws states, or a Surrogate, which steps them.

    Args:
        model: A model folder, or the name of a shipped model (see ``halocline models``).
        device: auto, cpu, cuda or cuda:N.
        precision: auto, fp32 or bf16.

    Raises:
        ModelError: If the folder is missing or damaged.
    """
    from halocline.runtime.device import choose_compute
    from halocline.systems.loading import load as load_system

    return load_system(model, choose_compute(device, precision))  # type: ignore[arg-type]


def simulate(
    world: Literal["arctic", "dino"],
    out: str | Path,
    *,
    years: int | None = None,
    members: int | None = None,
    seed: int = 0,
    jobs: int = 1,
    settings: Mapping[str, Any] | None = None,
    quiet: bool = False,
) -> Path:
    """Simulate a world into a store; the same call again continues one that was killed.

    Args:
        world: ``arctic`` (extra ``simulate``) or ``dino`` (extra ``dino``).
        out: Store to make, e.g. ``DATA.zarr``.
        years: Stored years of each member; the world's own number if None.
        members: Members; the world's own number if None.
        seed: Seed of weather and parameters.
        jobs: Members to run at the same time.
        settings: More arguments of ``halocline.worlds.<world>.run.simulate``, e.g. ``{"resolution_km": 50}``.
        quiet: No progress.

    Raises:
        ConfigError: If there is no such world or setting, or one is out of range.
        MissingExtraError: If the world's simulator is not installed.
    """
    from halocline.runtime.errors import require_choice

    require_choice("world", world, ("arctic", "dino"))
    if world == "arctic":
        from halocline.worlds.arctic.run import simulate as run
    else:
        from halocline.worlds.dino.run import simulate as run  # type: ignore[assignment]
    given = {"years": years, "members": members}
    more = {**{name: value for name, value in given.items() if value is not None}, **(settings or {})}
    valid = [name for name in inspect.signature(run).parameters if name not in ("out", "seed", "jobs", "quiet")]
    for name in more:
        require_choice(f"setting of the world '{world}'", name, valid)
    return run(Path(out), seed=seed, jobs=jobs, quiet=quiet, **more)


def train(
    preset: str | Path | None,
    data: "str | Path | StateStore",
    out: str | Path,
    *,
    from_: str | Path | None = None,
    settings: Mapping[str, Any] | None = None,
    resume: bool = False,
    half: bool = False,
    device: str = "auto",
    precision: str = "auto",
    compiled: bool = False,
    workers: int = 0,
    accumulate: int = 1,
    quiet: bool = False,
) -> Path:
    """Train a preset on a store and write the model's folder, which ``load`` opens.

    Args:
        preset: A preset's name (``halocline train --list``), or a TOML file; None for the recipe of ``from_``.
        data: The store, or its path.
        out: Model folder to make.
        from_: A model folder or shipped model to adapt: weights are taken over, statistics fitted to ``data``.
        settings: Keys of the preset to change, e.g. ``{"denoiser.width": 64}``.
        resume: Continue a training that was stopped or killed.
        half: Store weights in float16.
        device: auto, cpu, cuda or cuda:N.
        precision: auto, fp32 or bf16.
        compiled: Compile the network first; see ``halocline train --help``.
        workers: Processes that make batches ahead.
        accumulate: Passes for each batch, to need less memory; the same weights up to rounding.
        quiet: No progress.

    Raises:
        ConfigError: If a key or value does not fit.
        InputError: If the store lacks a variable.
        ModelError: If ``from_`` is missing, damaged or of another network.
        OutputError: If ``out`` exists.
    """
    from halocline.data.store.store import StateStore, open_store
    from halocline.runtime.device import choose_compute
    from halocline.systems.config import load_config
    from halocline.systems.training import train as run

    overrides = [f"{key}={json.dumps(value)}" for key, value in (settings or {}).items()]
    recipe = None if preset is None else str(preset)
    config = load_config(recipe, overrides, from_)
    store = data if isinstance(data, StateStore) else open_store(data)
    compute = choose_compute(device, precision, compiled=compiled, workers=workers, accumulate=accumulate)  # type: ignore[arg-type]
    words = [f"halocline.train({recipe!r}, {store.path.name!r}, {Path(out).name!r}"]
    words += [f"from_={str(from_)!r}"] if from_ else []
    words += [f"settings={dict(settings)!r}"] if settings else []
    command = ", ".join(words) + ")"
    return run(
        config, store, Path(out), compute, name=Path(out).name, command=command, resume=resume, half=half, quiet=quiet
    )


def analyse(
    model: "Generator | str | Path",
    observations: "Observations | xr.Dataset | str | Path",
    members: int = 64,
    seed: int = 0,
    *,
    method: str = "mmps",
    steps: int | None = 32,
    settings: Mapping[str, Any] | None = None,
    first: int = 0,
    batch: int = 16,
    conditions: Mapping[str, float] | None = None,
    places: Mapping[str, str] | None = None,
    footprints: Mapping[str, float] | None = None,
    prior: "xr.Dataset | str | Path | None" = None,
    out: str | Path | None = None,
    memory: str | None = None,
    quiet: bool = False,
) -> "tuple[xr.Dataset, xr.Dataset]":
    """Draw states that agree with observations, from what a generator draws for their date.

    Args:
        model: A generator, its folder, or the name of a shipped one.
        observations: A table of observations, or its file.
        members: How many states.
        seed: Seed of the ensemble.
        method: ``mmps``; ``resample``, from a forecast as ``prior``; or to compare with ``enoi``, ``enkf``, ``etkf``,
            ``climatology``, ``nearest``, ``dps``, ``sda``, ``pgdm``.
        steps: Solver steps; the model's own if None.
        settings: Of the method: ``iterations``, ``radius_km``, ``inflation``, ``strength``, ``data``, ``level``,
            ``pilots``.
        first: Number of the first member.
        batch: Members a pass.
        conditions: Forcing parameters and ``day_of_year``; the day is that of the observations unless given.
        places: Where each kind of observation takes its value: ``nearest``, ``bilinear``, ``area-mean``.
        footprints: Diameter of the footprint by kind, m.
        prior: Members of the prior drawn before, by the same model.
        out: File to make, .nc or .zarr; beside it appears ``NAME-observations.nc``.
        memory: Most to take beside the program, e.g. ``2GB``: fewer members a pass if need be.
        quiet: No progress.

    Returns:
        The states, and the observations with what prior and posterior predict of them.

    Raises:
        ConfigError: If there is no such method or setting.
        InputError: If observations and model do not fit.
        ModelError: If the model draws no states.
        OutputError: If an output exists.
    """
    import dataclasses

    from halocline.analysis.methods.base import Settings
    from halocline.analysis.run import analyse as run
    from halocline.chain.forecast.budget import parse_memory
    from halocline.runtime.errors import require_choice
    from halocline.systems.loading import load_model

    names = [f.name for f in dataclasses.fields(Settings)]
    for name in settings or {}:
        require_choice("setting of an analysis", name, names)
    loaded = load_model(model) if isinstance(model, (str, Path)) else model
    return run(
        loaded.with_sampler(steps=steps),
        observations,
        members,
        seed,
        method=method,
        settings=Settings(**dict(settings or {})),
        first=first,
        batch=batch,
        conditions=conditions,
        places=places,
        footprints=footprints,
        prior=prior,
        memory=None if memory is None else parse_memory(memory),
        out=out,
        quiet=quiet,
    )


def export(
    states: "xr.Dataset | str | Path",
    template: str | Path,
    out: str | Path,
    *,
    member: int = 0,
    time_step: float | None = None,
    positive: Literal["down", "up"] | None = None,
    choices: "Choices | None" = None,
    velocities: "Velocities | None" = None,
) -> Path:
    """Write one ocean state as a restart that NEMO 4.2 and 5.0 read: T, S, SSH and velocities.

    Args:
        states: Dataset or file with thetao, so and zos on the mesh of the template.
        template: A NEMO restart, mesh_mask or domain_cfg of the mesh to run on; it lends the states its mask, levels
            and positions where they have none.
        out: Restart to make.
        member: Which state, counted from 0.
        time_step: rdt of the restart, s; needed with a mesh_mask.
        positive: Direction of the depth coordinate, if it does not say.
        choices: Whatever else the states do not say.
        velocities: Where they come from, e.g. ``halocline.bridge.nemo.velocities.Velocities("balanced")``; 0 if None.

    Raises:
        InputError: If states and template do not fit, or the result would break a rule of NEMO.
    """
    import xarray as xr

    from halocline.bridge.nemo.dates import Calendar
    from halocline.bridge.nemo.restart import states_for, write_restart
    from halocline.bridge.nemo.template import read_template
    from halocline.bridge.nemo.velocities import AT_REST
    from halocline.data.files.slabs import one_of
    from halocline.data.reading.choices import AS_THE_FILE_SAYS

    source = "the dataset" if isinstance(states, xr.Dataset) else str(states)
    dataset, member = one_of(states, member)
    made_like = read_template(template)
    choices = choices or AS_THE_FILE_SAYS
    choices = choices if positive is None else replace(choices, positive=positive)
    ocean = states_for(made_like, dataset, choices=choices, source=source)
    calendar = None if time_step is None else Calendar(time_step)
    moving = AT_REST if velocities is None else velocities
    write_restart(ocean, made_like, Path(out), member=member, calendar=calendar, velocities=moving)
    return Path(out)


def export_ice(
    kind: str,
    states: "xr.Dataset | str | Path",
    out: str | Path,
    *,
    settings: Mapping[str, Any] | None = None,
    members: Sequence[int] | None = None,
    choices: "Choices | None" = None,
) -> list[str]:
    """Write sea-ice states as files that another model starts from, or an assimilation system takes.

    Args:
        kind: ``cice``, ``si3``, ``nextsim-dg``, ``enkf``, ``dart``, ``ioda``, or one that a plug-in adds.
        states: Dataset or file with sit, sic and what else there is of sea ice; for ``dart`` of an ocean, too.
        out: File to make of one state, or folder to make of several.
        settings: Options of the kind, as those of ``halocline export KIND``, e.g. ``{"template": "grid.nc"}``.
        members: Which states, counted from 0; all if None.
        choices: What the states do not say.

    Returns:
        What was changed in the states, and the settings that the receiving model needs, line by line.

    Raises:
        ConfigError: If there is no such kind or option.
        InputError: It lists all that is wrong with states, grid and options.
        OutputError: If ``out`` exists.
    """
    import dataclasses

    from halocline.bridge.exports.base import EXPORTS, Request
    from halocline.data.reading.choices import AS_THE_FILE_SAYS
    from halocline.runtime.errors import ConfigError, require_choice

    made: Any = EXPORTS[kind]
    fields = dataclasses.fields(made)
    given = dict(settings or {})
    for name in given:
        require_choice(f"setting of the export '{kind}'", name, [f.name for f in fields])
    if missing := [f.name for f in fields if f.default is dataclasses.MISSING and f.name not in given]:
        raise ConfigError(
            f"settings of the export '{kind}'",
            found=f"no {', '.join(missing)}",
            expected=", ".join(missing),
            remedy=f"Give them; halocline export {kind} --help tells what they are.",
        )
    chosen = None if members is None else tuple(members)
    return list(made(**given).write(Request(states, Path(out), chosen, choices or AS_THE_FILE_SAYS)))
