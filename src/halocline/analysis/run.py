"""An analysis from beginning to end: the prior, the members that agree with observations, and their files."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import xarray as xr

from halocline.analysis.beside import beside_path, comparison, write_beside
from halocline.analysis.measured import Measured
from halocline.analysis.members import KeptMembers, begun
from halocline.analysis.methods.base import METHODS, Method, Prior, Settings
from halocline.analysis.prepare import Prepared, prepare
from halocline.analysis.prior_file import read_prior
from halocline.analysis.smooth_space import smooth_space
from halocline.analysis.spread import measure_spread
from halocline.chain.dataset import check_output, require_finite, to_dataset
from halocline.chain.generator import Generator
from halocline.chain.placed import Draw
from halocline.chain.stream import writing
from halocline.constraints.project_all import merged
from halocline.data.codecs.told import ToldCodec
from halocline.data.grids.grid_layout import wet_of
from halocline.diffusion.denoiser import Denoiser
from halocline.runtime import files
from halocline.runtime.errors import ConfigError
from halocline.runtime.limits import check_numbers
from halocline.runtime.progress import Report, progress
from halocline.runtime.run_lock import only_run

if TYPE_CHECKING:
    from halocline.observations.table import Observations

_PRIOR, _POSTERIOR = "prior", "posterior"


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
        quiet: Show no progress.

    Returns:
        The states as ``Generator.generate`` returns them, and the observations with what prior and posterior predict.

    Raises:
        InputError: If observations and model do not fit; see ``prepare``.
        ConfigError: If there is no such method, or a number is out of range.
        OutputError: If an output exists.
    """
    check_numbers({"members": members, "seed": seed, "first": first, "batch": batch})
    chosen, settings = METHODS[method], settings or Settings()
    if not chosen.guides and method != "climatology" and method != "nearest" and members < 2:
        raise ConfigError("members", found=members, expected="at least 2 for a covariance", remedy="Ask for more.")
    ready = prepare(model, observations, conditions=conditions, places=places, footprints=footprints)
    numbers = list(range(first, first + members))
    told = {k: getattr(settings, k) for k in chosen.uses}
    about = _about(ready, method, told, prior)
    where = {"places": dict(places or {}), "footprints": dict(footprints or {})}
    if out is None:
        return _run(ready, chosen, settings, numbers, seed, batch, prior, about | where, None, quiet)
    target = Path(out)
    check_output(target)
    with only_run(target):
        if begun(target):
            files.remove(beside_path(target))  # a run that was killed had written it, but not the states
        files.require_absent(beside_path(target))
        return _run(ready, chosen, settings, numbers, seed, batch, prior, about | where, target, quiet)


def _run(
    ready: Prepared,
    method: Method,
    settings: Settings,
    numbers: list[int],
    seed: int,
    batch: int,
    prior: "Path | str | xr.Dataset | None",
    about: dict[str, Any],
    out: Path | None,
    quiet: bool,
) -> tuple[xr.Dataset, xr.Dataset]:
    model = ready.generator
    if method.guides and isinstance(model.codec, ToldCodec):
        raise ConfigError(
            f"method '{about['method']}'",
            found="a model that draws what its conditions leave open (codec.mean = response)",
            expected="a model whose network space is the same for all members",
            remedy="Take --method enoi, enkf or etkf, or a model trained with codec.mean = climatology.",
        )
    kept = KeptMembers(out, {**about, "seed": seed, "first": numbers[0], "model": _model_of(model)})
    drawn = model.conditions_of(seed, numbers, ready.conditions) if model.guidance else {}
    vector = None if model.conditions is None or not drawn else model.conditions.encode(drawn)
    work = _Work(ready, method, settings, numbers, seed, batch, vector, kept)
    with progress("analysing", len(numbers) * (1 + method.guides), quiet=quiet) as report:
        if prior is None:
            done = work.draw(_PRIOR, model, report, 0)
        else:
            done = work.take(read_prior(prior, model, len(numbers)))
        if method.guides:
            work.draw(_POSTERIOR, replace(model, guide=work.guide()), report, done)
        else:
            work.update()
    reports = [kept.read(_POSTERIOR, n)[1] for n in numbers]
    whole = merged(reports, [1] * len(numbers))
    provenance = {**model.provenance(seed, whole), **_told(about, ready)}
    beside = comparison(ready, numbers, lambda k: kept.read(_PRIOR, k)[0], lambda k: kept.read(_POSTERIOR, k)[0])
    beside.attrs |= {f"halocline_{key}": value for key, value in provenance.items()}
    if out is not None:
        write_beside(beside, beside_path(out))
    states = _states(model, kept, numbers, drawn, provenance, batch, out)
    kept.remove()
    return states, beside


class _Work:
    """Draws, updates and keeps members."""

    def __init__(
        self,
        ready: Prepared,
        method: Method,
        settings: Settings,
        numbers: list[int],
        seed: int,
        batch: int,
        vector: np.ndarray | None,
        kept: KeptMembers,
    ) -> None:
        self.ready, self.method, self.settings = ready, method, settings
        self.numbers, self.seed, self.batch, self.vector, self.kept = numbers, seed, batch, vector, kept

    def draw(self, which: str, model: Generator, report: Report, done: int) -> int:
        """Draw the members that are not there, batch by batch; return how many are done of all."""
        for start in range(0, len(self.numbers), self.batch):
            part = range(start, min(start + self.batch, len(self.numbers)))
            missing = [k for k in part if not self.kept.has(which, self.numbers[k])]
            if missing:
                numbers = [self.numbers[k] for k in missing]
                vector = None if self.vector is None else self.vector[missing]
                self._keep(which, numbers, model.draw(numbers, self.seed, vector), missing)
            report(done + part.stop, which)
        return done + len(self.numbers)

    def take(self, states: np.ndarray) -> int:
        """Take members of the prior as they are."""
        for k, number in enumerate(self.numbers):
            self.kept.keep(_PRIOR, number, states[k], [])
        return len(self.numbers)

    def update(self) -> None:
        """Change the members of the prior all together."""
        states = self.kept.states(_PRIOR, self.numbers)
        ready = self.ready
        prior = Prior(states, ready.table, ready.operator, ready.generator, self.numbers, self.seed, ready.day)
        changed = self.method.update(prior, self.settings) if len(ready.table) else states
        self._keep(_POSTERIOR, self.numbers, changed, list(range(len(self.numbers))))

    def guide(self) -> Any:
        """Return what wraps the denoiser."""
        ready, model = self.ready, self.ready.generator
        if not len(ready.table):
            return None
        space = smooth_space(model.chain.space(), ready.operator.needs)
        model.denoiser.requires_grad_(False)  # gradients are of the field alone
        measured = Measured(ready.table, ready.operator, space, measure_spread(model, space, self.vector))

        def wrap(denoiser: Denoiser) -> Denoiser:
            return self.method.guide(denoiser, model.chain.schedule, measured, self.settings)

        return wrap

    def _keep(self, which: str, numbers: Sequence[int], states: np.ndarray, rows: Sequence[int]) -> None:
        model, steps = self.ready.generator, self.ready.generator.chain.steps
        for k, (number, row) in enumerate(zip(numbers, rows, strict=True)):
            vector = None if self.vector is None else self.vector[row : row + 1]
            projected, reports = model.project(states[k : k + 1], Draw([number], self.seed, steps, vector))
            require_finite(projected, wet_of(model.codec.channels, model.grid), model.codec.channels, [number])
            self.kept.keep(which, number, projected[0], reports)


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
        made = to_dataset(kept.states(_POSTERIOR, part), model.codec.channels, model.grid, part, {})
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
    return xr.open_zarr(out, consolidated=False, chunks=None) if out.suffix == ".zarr" else xr.open_dataset(out)


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
