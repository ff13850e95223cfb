"""Score anything: states of sea ice or of an ocean, or a forecast; in memory, in a file, or in a store."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Literal, cast

import xarray as xr

from halocline.data.files.open import is_store, open_dataset, read_dataset
from halocline.data.files.states import open_state_file
from halocline.data.reading.choices import AS_THE_FILE_SAYS, Choices
from halocline.data.reading.names import ours_of
from halocline.data.store.store import StateStore, open_store
from halocline.evaluate.engine.scorecard import Evaluation
from halocline.evaluate.engine.season import SEASONS, Season
from halocline.evaluate.forecast.evaluate import evaluate_forecast
from halocline.evaluate.forecast.file import Forecast, as_forecast
from halocline.evaluate.ice.evaluate import evaluate
from halocline.evaluate.ocean.evaluate import evaluate_ocean
from halocline.evaluate.ocean.split import FLOORS, Floor
from halocline.evaluate.ocean.states import stored_set
from halocline.runtime.errors import ConfigError, require_choice
from halocline.runtime.progress import Report

Kind = Literal["ice", "ocean", "forecast"]

Source = xr.Dataset | StateStore | Forecast | Path | str
"""Anything that can be scored, or where it lies."""


def score(
    states: Source,
    reference: StateStore | Path | str,
    *,
    kind: Kind | None = None,
    roles: Sequence[str] | None = None,
    floor: str | None = None,
    season: str | None = None,
    beside: Mapping[str, Source] | None = None,
    climate: StateStore | Path | str | None = None,
    seed: int = 0,
    replicates: int = 200,
    choices: Choices = AS_THE_FILE_SAYS,
    jobs: int = 1,
    dask: str | None = None,
    report: Report = lambda done, note: None,
) -> Evaluation[Any]:
    """Score states, or a forecast, against a store of real states; what they are is found out.

    Args:
        states: Generated states with dims (member, [time,] [depth,] y, x) or (time, [depth,] y, x), under anybody's
            names and units; a store (its held-out states are taken); or a forecast, which has a dimension ``lead``.
        reference: Store of the real states.
        kind: ``ice``, ``ocean`` or ``forecast``, where it shall not be found out.
        roles: Ocean: members to compare with, see ``evaluate_ocean``.
        floor: Ocean: ``members`` or ``years``, see ``evaluate_ocean``.
        season: States: ``matched`` (default) or ``all``: whether states with dates are compared with the truth of their
            season alone, see ``evaluate``.
        beside: Forecasts: others of the same starts, by name.
        climate: Forecasts: store whose training years give the climate; the reference if None.
        seed: Seed of all resampling.
        replicates: Bootstrap replicates.
        choices: What the states do not say of themselves: the answers to the reader's questions.
        jobs: Processes of this machine that share the work; the numbers are the same.
        dask: Address of a dask scheduler whose workers share it; they see the reference, forecasts, and the folder of
            temporary files (``HALOCLINE_SCRATCH``).
        report: Progress in percent.

    Returns:
        The table and what a page draws: ``row(id)``, ``to_dataframe()``, ``report(folder)``.

    Raises:
        InputError: If states and reference do not fit.
        ConfigError: If an option is given that these states have no use for.
    """
    store = _store(reference)
    if isinstance(states, str | Path) and is_store(states):
        states = open_store(states)
    found = kind or kind_of(states)
    given = {"role": roles, "floor": floor, "season": season, "beside": beside, "climate": climate}
    _require_fitting(found, given)
    matching = cast(Season, season or "matched")
    if found == "forecast" or isinstance(states, Forecast):
        forecast = as_forecast(states)
        others = [as_forecast(other, name) for name, other in (beside or {}).items()]
        years = None if climate is None else _store(climate)
        return evaluate_forecast(
            forecast,
            store,
            beside=others,
            climate=years,
            seed=seed,
            replicates=replicates,
            jobs=jobs,
            dask=dask,
            report=report,
        )
    if found == "ocean":
        return evaluate_ocean(
            stored_set(states, store) if isinstance(states, StateStore) else read_dataset(states),
            store,
            roles=roles,
            floor=cast("Floor | None", floor),
            season=matching,
            seed=seed,
            replicates=replicates,
            choices=choices,
            jobs=jobs,
            dask=dask,
            report=report,
        )
    if isinstance(states, StateStore):
        ice: xr.Dataset | StateStore = states
    else:
        ice = open_state_file(states, "states", choices).read(target=store.grid).dataset
    return evaluate(ice, store, season=matching, seed=seed, replicates=replicates, jobs=jobs, dask=dask, report=report)


def kind_of(states: Source) -> Kind:
    """Tell what a dataset or file holds: a forecast has the dimension ``lead``, ocean states ``thetao``.

    Raises:
        InputError: If there is no such file, or it cannot be read.
    """
    if isinstance(states, Forecast):
        return "forecast"
    if isinstance(states, str | Path) and is_store(states):
        states = open_store(states)
    if isinstance(states, StateStore):
        return "ocean" if "thetao" in states.layout else "ice"
    dataset = open_dataset(states, "states", "raw")
    if "lead" in dataset.dims:
        return "forecast"
    return "ocean" if "thetao" in ours_of(dataset, "ocean") else "ice"


_WORDS: dict[Kind, str] = {"ice": "sea-ice states", "ocean": "ocean states", "forecast": "a forecast"}
_OPTIONS: dict[str, tuple[Kind, ...]] = {
    "role": ("ocean",),
    "floor": ("ocean",),
    "season": ("ice", "ocean"),
    "beside": ("forecast",),
    "climate": ("forecast",),
}


def _require_fitting(kind: Kind, given: Mapping[str, Any]) -> None:
    require_choice("kind of states", kind, _WORDS)
    require_choice("season", given["season"] or "matched", SEASONS)
    idle = {
        name: " or ".join(_WORDS[k] for k in kinds)
        for name, kinds in _OPTIONS.items()
        if given[name] and kind not in kinds
    }
    if idle:
        raise ConfigError(
            ", ".join(f"--{name}" for name in idle),
            found=f"given for {_WORDS[kind]}",
            expected="; ".join(f"--{name} with {words}" for name, words in idle.items()),
            remedy="Leave them out.",
        )
    if given["floor"] is not None and given["floor"] not in FLOORS:
        raise ConfigError(
            "floor",
            found=f"'{given['floor']}'",
            expected=" or ".join(FLOORS),
            remedy="'members': real states under other forcing; 'years': the same members, other years.",
        )


def _store(source: StateStore | Path | str) -> StateStore:
    return source if isinstance(source, StateStore) else open_store(source)
