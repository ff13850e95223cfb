"""An analysis from beginning to end: the prior, the members that agree with observations, and their files."""

import json
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import xarray as xr

from halocline.analysis.beside import beside_path, comparison, write_beside
from halocline.analysis.forcing import given_observations
from halocline.analysis.members import KeptMembers, begun
from halocline.analysis.methods.base import METHODS, Settings
from halocline.analysis.prepare import Prepared, prepare
from halocline.analysis.prior_file import read_prior
from halocline.analysis.work import POSTERIOR, PRIOR, Work
from halocline.chain.dataset import check_output, to_dataset
from halocline.chain.ensemble import fitting
from halocline.chain.generator import Generator
from halocline.chain.stream import writing
from halocline.constraints.project_all import merged
from halocline.data.codecs.told import ToldCodec
from halocline.runtime import files
from halocline.runtime.errors import ConfigError
from halocline.runtime.limits import check_numbers
from halocline.runtime.progress import progress
from halocline.runtime.ranks import Ranks
from halocline.runtime.run_lock import beside_first_rank, only_run

if TYPE_CHECKING:
    from halocline.observations.table import Observations


def analyse(
    model: Generator,
    observations: "Observations | xr.Dataset | Path | str",
    members: int = 64,
    seed: int = 0,
    *,
    method: str = "mmps",
    settings: Settings | None = None,
    first: int = 0,
    batch: int = 16,
    conditions: Mapping[str, float] | None = None,
    places: Mapping[str, str] | None = None,
    footprints: Mapping[str, float] | None = None,
    prior: "Path | str | xr.Dataset | None" = None,
    out: Path | str | None = None,
    memory: int | None = None,
    ranks: Ranks | None = None,
    quiet: bool = False,
) -> tuple[xr.Dataset, xr.Dataset]:
    """Draw states that agree with observations, from the climatological prior of a generator.

    The prior is what the model draws for the date, the same seed and the same members; the posterior is that prior
    given these observations and no others. See docs/explanation/observations.md.

    Args:
        model: The generator, with its solver and steps.
        observations: A table (``halocline observe``), or its file.
        members: How many states.
        seed: Seed of the ensemble.
        method: One of ``METHODS``.
        settings: Of the method.
        first: Number of the first member.
        batch: Members a pass; changes speed and memory, not the noise.
        conditions: Forcing parameters and ``day_of_year``; the day is that of the observations unless given.
        places: Where each kind of observation takes its value: nearest, bilinear, area-mean; ``*`` for all others.
        footprints: Diameter of the footprint by kind, m.
        prior: Members of the prior drawn before, by the same model; drawn if None.
        out: File to make, .nc or .zarr; beside it appears ``NAME-observations.nc``. A killed run goes on with the
            members that are done.
        memory: Bytes that a pass may take in each process beside the program: fewer members a pass if need be.
        ranks: Processes that share the draws; with several, ``out`` is needed.
        quiet: Show no progress.

    Returns:
        The states as ``Generator.generate`` returns them, and the observations with what prior and posterior predict.

    Raises:
        InputError: If observations and model do not fit; see ``prepare``.
        ConfigError: If there is no such method, or a number is out of range.
        OutputError: If an output exists.
    """
    check_numbers({"members": members, "seed": seed, "first": first, "batch": batch})
    chosen, settings, ranks = METHODS[method], settings or Settings(), ranks or Ranks()
    if not chosen.guides and method != "climatology" and method != "nearest" and members < 2:
        raise ConfigError("members", found=members, expected="at least 2 for a covariance", remedy="Ask for more.")
    if out is None and ranks.size > 1:
        remedy = "Name a file: out=…"
        raise ConfigError("out", found="none", expected="a file, for several processes", remedy=remedy)
    ready = prepare(model, observations, conditions=conditions, places=places, footprints=footprints)
    if chosen.guides and isinstance(model.codec, ToldCodec):
        raise _refuse_told(method)
    numbers = list(range(first, first + members))
    used = {k: getattr(settings, k) for k in chosen.uses}
    if ready.unknown and method not in ("climatology", "nearest"):
        used["pilots"] = settings.pilots
    about = _about(ready, method, used, prior) | {"places": dict(places or {}), "footprints": dict(footprints or {})}
    target = None if out is None else Path(out)
    with _locked(target, ranks):
        identity = {**about, "seed": seed, "first": first, "model": _model_of(model)}
        kept = ranks.first(lambda: KeptMembers(target, identity, joins=ranks.rank > 0))
        drawn = model.conditions_of(seed, numbers, ready.conditions) if model.guidance else {}
        told = drawn
        if method not in ("climatology", "nearest"):
            few = batch
            if memory is not None and ready.unknown:
                few = fitting(ready.generator, numbers, seed, drawn, memory, batch, ranks)
            told = given_observations(ready, drawn, numbers, seed, settings.pilots, few)
        work = Work(ready, chosen, settings, numbers, seed, drawn, told, kept, ranks)
        _members(work, prior, batch, memory, quiet)
        return _results(work, about, batch, target)


@contextmanager
def _locked(target: Path | None, ranks: Ranks) -> Iterator[None]:
    """Keep other runs out of an output, and see that it can be written."""
    if target is None:
        yield
        return
    ranks.lead(lambda: check_output(target))
    with ExitStack() as stack:
        if ranks.rank == 0:
            stack.enter_context(only_run(target))
            if begun(target):
                files.remove(beside_path(target))  # a run that was killed had written it, but not the states
        ranks.lead(lambda: files.require_absent(beside_path(target)))
        if ranks.rank > 0:
            stack.enter_context(beside_first_rank(target))
        yield


def _members(work: Work, prior: "Path | str | xr.Dataset | None", batch: int, memory: int | None, quiet: bool) -> None:
    """Draw, or take, the members of the prior, and then those of the posterior."""
    model, guides, ranks = work.ready.generator, work.method.guides, work.ranks
    guided = work.guided() if guides else model
    batch = work.fitting(guided, batch, memory)
    with progress("analysing", len(work.numbers) * (1 + guides), quiet=quiet or ranks.rank > 0) as report:
        if prior is None:
            done = work.draw(PRIOR, model, batch, report, 0)
        else:
            ranks.lead(lambda: work.take(read_prior(prior, model, len(work.numbers))))
            done = len(work.numbers)
        if guides:
            work.draw(POSTERIOR, guided, batch, report, done)
        else:
            ranks.lead(work.update)


def _results(work: Work, about: Mapping[str, Any], batch: int, out: Path | None) -> tuple[xr.Dataset, xr.Dataset]:
    """Return the states and what stands beside them, of members that are done; the first process writes them."""
    ready, kept, numbers, ranks = work.ready, work.kept, work.numbers, work.ranks

    def written() -> tuple[xr.Dataset, xr.Dataset]:
        whole = merged([kept.read(POSTERIOR, n)[1] for n in numbers], [1] * len(numbers))
        provenance = {**ready.generator.provenance(work.seed, whole), **_told(about, ready)}
        beside = comparison(ready, numbers, lambda k: kept.read(PRIOR, k)[0], lambda k: kept.read(POSTERIOR, k)[0])
        beside.attrs |= {f"halocline_{key}": value for key, value in provenance.items()}
        if out is not None:
            write_beside(beside, beside_path(out))
        states = _states(ready.generator, kept, numbers, work.told, provenance, batch, out)
        kept.remove()
        return states, beside

    made = ranks.lead(written)
    if made is None:
        assert out is not None
        return _opened(out), xr.open_dataset(beside_path(out))
    return made


def _opened(out: Path) -> xr.Dataset:
    return xr.open_zarr(out, consolidated=False, chunks=None) if out.suffix == ".zarr" else xr.open_dataset(out)


def _refuse_told(method: str) -> ConfigError:
    return ConfigError(
        f"method '{method}'",
        found="a model that draws what its conditions leave open (codec.mean = response)",
        expected="a model whose network space is the same for all members",
        remedy="Take --method enoi, enkf or etkf, or a model trained with codec.mean = climatology.",
    )


def _states(
    model: Generator,
    kept: KeptMembers,
    numbers: list[int],
    drawn: Mapping[str, np.ndarray],
    provenance: Mapping[str, Any],
    batch: int,
    out: Path | None,
) -> xr.Dataset:
    """Return the posterior as a dataset, or write it batch by batch and open the file."""

    def dataset(rows: range) -> xr.Dataset:
        part = [numbers[k] for k in rows]
        made = to_dataset(kept.states(POSTERIOR, part), model.codec.channels, model.grid, part, {})
        about = {} if model.conditions is None else model.conditions.attributes
        for name, values in drawn.items():
            made = made.assign_coords({name: ("member", values[rows.start : rows.stop], about[name])})
        return made

    attributes = {f"halocline_{key}": value for key, value in provenance.items()}
    attributes["title"] = f"{'Sea-ice' if model.grid.vertical is None else 'Ocean'} states that agree with observations"
    attributes["source"] = "generative model trained on a simulation, given observations; not an observation"
    if out is None:
        return dataset(range(len(numbers))).assign_attrs(attributes)
    with writing(out) as file:
        for start in range(0, len(numbers), batch):
            file.append(dataset(range(start, min(start + batch, len(numbers)))))
        file.describe(attributes)
    return _opened(out)


def _about(ready: Prepared, method: str, told: dict[str, Any], prior: Any) -> dict[str, Any]:
    return {
        "method": method,
        **{key: str(value) if isinstance(value, Path) else value for key, value in told.items()},
        "observations": len(ready.table),
        "observations_fingerprint": ready.fingerprint,
        "conditions": dict(ready.conditions),
        "solver": ready.generator.chain.solver,
        "steps": ready.generator.chain.steps,
        "guidance": ready.generator.guidance,
        "constraints": [c.name for c in ready.generator.chain.constraints],
        "prior": "drawn" if prior is None else "given" if isinstance(prior, xr.Dataset) else str(prior),
    }


def _told(about: Mapping[str, Any], ready: Prepared) -> dict[str, Any]:
    own = ("conditions", "solver", "steps", "guidance", "constraints", "method", "places", "footprints")
    words = {"analysis_method": about["method"]}
    words |= {f"analysis_{k}": "" if v is None else v for k, v in about.items() if k not in own}
    return {**words, "analysis_left_out": json.dumps(ready.left_out)}


def _model_of(model: Generator) -> str:
    return str(model.card.get("files", {}).get("model.safetensors", model.card.get("name", "")))[:16]
