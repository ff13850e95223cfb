"""One door to all scores: sea-ice states, ocean states and forecasts are told apart by what they hold."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Literal, cast

import xarray as xr

from halocline.data.files.open import is_store, open_states, read_dataset
from halocline.data.store.store import StateStore, open_store
from halocline.evaluate.engine.samples import store_as_states
from halocline.evaluate.engine.table import Scorecard
from halocline.evaluate.forecast.card import ForecastCard
from halocline.evaluate.forecast.evaluate import evaluate_forecast
from halocline.evaluate.forecast.file import Forecast, forecast_of, open_forecast
from halocline.evaluate.ice.evaluate import evaluate as evaluate_ice
from halocline.evaluate.ocean.evaluate import evaluate_ocean
from halocline.evaluate.ocean.split import FLOORS, Floor
from halocline.evaluate.ocean.states import is_ocean, stored_set
from halocline.runtime.errors import ConfigError
from halocline.runtime.progress import Report

Scored = Literal["sea-ice states", "ocean states", "a forecast"]


def score(
    states: Path | str | xr.Dataset,
    reference: Path | str | StateStore,
    *,
    roles: Sequence[str] | None = None,
    floor: str | None = None,
    beside: Mapping[str, Path | str | xr.Dataset] | None = None,
    climate: Path | str | StateStore | None = None,
    seed: int = 0,
    report: Report = lambda done, note: None,
) -> Scorecard | ForecastCard:
    """Score states or a forecast against a store.

    Args:
        states: Generated states, a store (its held-out states are scored), or a forecast: dataset or path.
        reference: Store with the held-out and the training states.
        roles: Ocean: members to compare with.
        floor: Ocean: floor of other ``members`` or other ``years``.
        beside: Forecast: other forecasts of the same starts, by name.
        climate: Forecast: store whose training years give the climate; the reference if None.
        seed: Seed of the resampling.
        report: Progress in percent.

    Returns:
        A ``ForecastCard`` for a forecast, else a ``Scorecard``.

    Raises:
        ConfigError: If options are given that the states have no use for; it names all of them.
        InputError: If states and store do not fit.
    """
    store = reference if isinstance(reference, StateStore) else open_store(reference)
    scored = scored_as(states)
    _require_fitting(scored, {"role": roles, "floor": floor}, {"beside": beside, "climate": climate})
    if scored == "a forecast":
        others = [_forecast(other, name) for name, other in (beside or {}).items()]
        years = climate if climate is None or isinstance(climate, StateStore) else open_store(climate)
        return evaluate_forecast(_forecast(states), store, beside=others, climate=years, seed=seed, report=report)
    if scored == "ocean states":
        if floor is not None and floor not in FLOORS:
            raise ConfigError(
                "floor",
                found=f"'{floor}'",
                expected=" or ".join(FLOORS),
                remedy="'members': real states under other forcing; 'years': the same members, other years.",
            )
        drawn: Any = states
        if not isinstance(states, xr.Dataset):
            path = Path(states)
            drawn = stored_set(open_store(path), store) if is_store(path) else read_dataset(path)
        kind = cast(Floor | None, floor)
        return evaluate_ocean(drawn, store, roles=roles, floor=kind, seed=seed, report=report)
    if not isinstance(states, xr.Dataset):
        states = store_as_states(open_store(states)) if is_store(Path(states)) else open_states(states)
    return evaluate_ice(states, store, seed=seed, report=report)


def scored_as(states: Path | str | xr.Dataset) -> Scored:
    """Tell what a dataset or file holds: a forecast has the dimension ``lead``, ocean states ``thetao``.

    Raises:
        InputError: If there is no such file, or it cannot be read.
    """
    if isinstance(states, xr.Dataset):
        return _kind(states)
    path = Path(states)
    if path.exists() and is_store(path):
        return "ocean states" if is_ocean(open_store(path).channels) else "sea-ice states"
    try:
        with (
            xr.open_zarr(path, consolidated=False, chunks=None, decode_times=False)
            if path.is_dir()
            else xr.open_dataset(path, engine="netcdf4", decode_times=False)
        ) as dataset:
            return _kind(dataset)
    except Exception:
        return _kind(read_dataset(path))  # raises and says why


def _kind(dataset: xr.Dataset) -> Scored:
    if "lead" in dataset.dims:
        return "a forecast"
    return "ocean states" if is_ocean([str(name) for name in dataset.data_vars]) else "sea-ice states"


def _forecast(states: Path | str | xr.Dataset, name: str | None = None) -> Forecast:
    if isinstance(states, xr.Dataset):
        return forecast_of(states, name or "forecast")
    return open_forecast(states, name)


def _require_fitting(scored: Scored, ocean: dict[str, Any], forecast: dict[str, Any]) -> None:
    idle = {name: "ocean states" for name, value in ocean.items() if value and scored != "ocean states"}
    idle |= {name: "a forecast" for name, value in forecast.items() if value and scored != "a forecast"}
    if idle:
        raise ConfigError(
            ", ".join(f"--{name}" for name in idle),
            found=f"given for {scored}",
            expected="; ".join(f"--{name} with {kind}" for name, kind in idle.items()),
            remedy="Leave them out.",
        )
