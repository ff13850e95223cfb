"""Score anything: states of sea ice or of an ocean, or a forecast; in memory, in a file, or in a store."""

import contextlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, cast

import xarray as xr

from halocline.data.files.open import is_store, open_states, read_dataset
from halocline.data.store.store import StateStore, open_store
from halocline.evaluate.engine.samples import store_as_states
from halocline.evaluate.engine.scorecard import Evaluation
from halocline.evaluate.forecast.evaluate import evaluate_forecast
from halocline.evaluate.forecast.file import Forecast, forecast_of, open_forecast
from halocline.evaluate.ice.evaluate import evaluate
from halocline.evaluate.ocean.evaluate import evaluate_ocean
from halocline.evaluate.ocean.split import FLOORS, Floor
from halocline.evaluate.ocean.states import is_ocean, stored_set
from halocline.runtime.errors import ConfigError, InputError
from halocline.runtime.progress import Report

Source = xr.Dataset | StateStore | Forecast | Path | str
"""Anything that can be scored, or where it lies."""


def score(
    states: Source,
    reference: StateStore | Path | str,
    *,
    kind: str | None = None,
    roles: Sequence[str] | None = None,
    floor: str | None = None,
    beside: Mapping[str, Source] | None = None,
    climate: StateStore | Path | str | None = None,
    seed: int = 0,
    replicates: int = 200,
    report: Report = lambda done, note: None,
) -> Evaluation[Any]:
    """Score states, or a forecast, against a store of real states; what they are is found out.

    Args:
        states: Generated states with dims (member, [time,] [depth,] y, x), a store (its held-out states are taken), or
            a forecast, which has a dimension ``lead``.
        reference: Store of the real states.
        kind: ``ice``, ``ocean`` or ``forecast``, where it shall not be found out.
        roles: Ocean: members to compare with, see ``evaluate_ocean``.
        floor: Ocean: ``members`` or ``years``, see ``evaluate_ocean``.
        beside: Forecasts: others of the same starts, by name.
        climate: Forecasts: store whose training years give the climate; the reference if None.
        seed: Seed of all resampling.
        replicates: Bootstrap replicates.
        report: Progress in percent.

    Returns:
        The table and what a page draws: ``row(id)``, ``to_dataframe()``, ``report(folder)``.

    Raises:
        InputError: If states and reference do not fit.
        ConfigError: If an option is given that these states have no use for.
    """
    store = _store(reference)
    found = kind or kind_of(states, store)
    if floor is not None and floor not in FLOORS:
        raise ConfigError(
            "floor",
            found=f"'{floor}'",
            expected=" or ".join(FLOORS),
            remedy="'members': real states under other forcing; 'years': the same members, other years.",
        )
    given = {"roles": roles, "floor": floor, "beside": beside, "climate": climate}
    _refuse(found, {name for name, value in given.items() if value})
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
        ocean = stored_set(states, store) if isinstance(states, StateStore) else _dataset(states, ocean=True)
        return evaluate_ocean(
            ocean,
            store,
            roles=roles,
            floor=cast("Floor | None", floor),
            seed=seed,
            replicates=replicates,
            report=report,
        )
    ice = store_as_states(states) if isinstance(states, StateStore) else _dataset(states, ocean=False)
    return evaluate(ice, store, seed=seed, replicates=replicates, report=report)


def kind_of(states: Source, store: StateStore) -> str:
    """Return ``forecast`` for what has a dimension ``lead``, else ``ice`` or ``ocean`` as the reference is."""
    if isinstance(states, Forecast):
        return "forecast"
    if isinstance(states, str | Path) and Path(states).exists() and not is_store(Path(states)):
        with contextlib.suppress(Exception):  # whoever reads it says what is wrong with it
            states = xr.open_dataset(
                states, engine="zarr" if Path(states).is_dir() else "netcdf4", decode_times=False, chunks=None
            )
    if isinstance(states, xr.Dataset) and "lead" in states.dims:
        return "forecast"
    return "ocean" if is_ocean(store.channels) else "ice"


_OPTIONS: dict[str, set[str]] = {"ice": set(), "ocean": {"roles", "floor"}, "forecast": {"beside", "climate"}}


def _refuse(kind: str, given: set[str]) -> None:
    if kind not in _OPTIONS:
        raise ConfigError(
            f"kind '{kind}'",
            found="no such kind of states",
            expected=f"one of: {', '.join(_OPTIONS)}",
            remedy="Leave it out: it is found out.",
        )
    wrong = sorted(given - _OPTIONS[kind])
    if wrong:
        fit = ", ".join(k for k, options in _OPTIONS.items() if set(wrong) & options)
        raise ConfigError(
            ", ".join(wrong),
            found=f"given for states of kind '{kind}'",
            expected=f"states of kind '{fit}'",
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


def _dataset(source: Source, *, ocean: bool) -> xr.Dataset:
    if isinstance(source, xr.Dataset):
        return source
    assert isinstance(source, str | Path)
    return read_dataset(source) if ocean else open_states(source)
