"""Score anything: states of sea ice or of an ocean, or a forecast; in memory, in a file, or in a store."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Literal, cast

import xarray as xr

from halocline.data.files.open import is_store, read_dataset
from halocline.data.files.states import open_states
from halocline.data.reading.choices import AS_THE_FILE_SAYS, Choices
from halocline.data.reading.names import ours_of
from halocline.data.store.store import StateStore, open_store
from halocline.evaluate.engine.samples import store_as_states
from halocline.evaluate.engine.scorecard import Evaluation
from halocline.evaluate.engine.season import SEASONS, Season
from halocline.evaluate.forecast.evaluate import evaluate_forecast
from halocline.evaluate.forecast.file import Forecast, forecast_of, open_forecast
from halocline.evaluate.ice.evaluate import evaluate
from halocline.evaluate.ocean.evaluate import evaluate_ocean
from halocline.evaluate.ocean.split import FLOORS, Floor
from halocline.evaluate.ocean.states import generated_set, is_ocean, stored_set
from halocline.runtime.errors import ConfigError, InputError, require_choice
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
    report: Report = lambda done, note: None,
    choices: Choices = AS_THE_FILE_SAYS,
) -> Evaluation[Any]:
    """Score states, or a forecast, against a store of real states; what they are is found out.

    Args:
        states: Generated states with dims (member, [time,] [depth,] y, x), a store (its held-out states are taken), or
            a forecast, which has a dimension ``lead``.
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
        report: Progress in percent.
        choices: What files of states do not say.

    Returns:
        The table and what a page draws: ``row(id)``, ``to_dataframe()``, ``report(folder)``.

    Raises:
        InputError: If states and reference do not fit.
        ConfigError: If an option is given that these states have no use for.
    """
    store = _store(reference)
    found = kind or kind_of(states)
    _require_fitting(found, {"role": roles, "floor": floor, "season": season, "beside": beside, "climate": climate})
    require_choice("season", season or "matched", SEASONS)
    matching = cast(Season, season or "matched")
    if floor is not None and floor not in FLOORS:
        raise ConfigError(
            "floor",
            found=f"'{floor}'",
            expected=" or ".join(FLOORS),
            remedy="'members': real states under other forcing; 'years': the same members, other years.",
        )
    if found == "forecast":
        return evaluate_forecast(
            _forecast(states),
            store,
            beside=[_forecast(other, name) for name, other in (beside or {}).items()],
            climate=None if climate is None else _store(climate),
            seed=seed,
            replicates=replicates,
            report=report,
        )
    if isinstance(states, str | Path) and is_store(Path(states)):
        states = open_store(states)
    if found == "ocean":
        if isinstance(states, StateStore):
            ocean = stored_set(states, store)
        else:
            ocean = generated_set(_read(states), store, choices=choices)
        return evaluate_ocean(
            ocean,
            store,
            roles=roles,
            floor=cast("Floor | None", floor),
            season=matching,
            seed=seed,
            replicates=replicates,
            report=report,
        )
    ice = store_as_states(states) if isinstance(states, StateStore) else _ice(states, choices)
    return evaluate(ice, store, season=matching, seed=seed, replicates=replicates, report=report)


def kind_of(states: Source) -> Kind:
    """Tell what a dataset or file holds: a forecast has the dimension ``lead``, ocean states ``thetao``.

    Raises:
        InputError: If there is no such file, or it cannot be read.
    """
    if isinstance(states, Forecast):
        return "forecast"
    if isinstance(states, str | Path) and is_store(Path(states)):
        states = open_store(states)
    if isinstance(states, StateStore):
        return "ocean" if is_ocean(states.channels) else "ice"
    if isinstance(states, xr.Dataset):
        return _kind(states)
    path = Path(states)
    try:
        with (
            xr.open_zarr(path, consolidated=False, chunks=None, decode_times=False)
            if path.is_dir()
            else xr.open_dataset(path, engine="netcdf4", decode_times=False)
        ) as dataset:
            return _kind(dataset)
    except Exception:
        return _kind(read_dataset(path))  # raises and says why


def _kind(dataset: xr.Dataset) -> Kind:
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


def _store(source: StateStore | Path | str) -> StateStore:
    return source if isinstance(source, StateStore) else open_store(source)


def _forecast(source: Source, name: str | None = None) -> Forecast:
    if isinstance(source, Forecast):
        return source
    if isinstance(source, xr.Dataset):
        return forecast_of(source, name or "forecast")
    if isinstance(source, StateStore):
        raise InputError(
            f"forecast {source.path}",
            found="a state store",
            expected="a forecast with dimensions member, lead",
            remedy="Score it as states.",
        )
    return open_forecast(source, name)


def _read(source: Source) -> xr.Dataset:
    assert isinstance(source, xr.Dataset | str | Path)
    return read_dataset(source)


def _ice(source: Source, choices: Choices) -> xr.Dataset:
    assert isinstance(source, xr.Dataset | str | Path)
    return source if isinstance(source, xr.Dataset) else open_states(source, choices)
