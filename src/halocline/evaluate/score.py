"""Score anything: states of sea ice or of an ocean, or a forecast; in memory, in a file, or in a store."""

from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal, cast

import xarray as xr

from halocline.data.files.open import is_store, open_states, read_dataset
from halocline.data.store.store import StateStore, open_store
from halocline.evaluate.engine.scorecard import Evaluation
from halocline.evaluate.forecast.evaluate import evaluate_forecast
from halocline.evaluate.forecast.file import Forecast, as_forecast
from halocline.evaluate.ice.evaluate import evaluate
from halocline.evaluate.ice.states import store_as_states
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
    if isinstance(states, str | Path) and is_store(states):
        states = open_store(states)
    found = kind or kind_of(states)
    _require_fitting(found, {"role": roles, "floor": floor, "beside": beside, "climate": climate})
    if found == "forecast":
        forecast = as_forecast(states)
        others = [as_forecast(other, name) for name, other in (beside or {}).items()]
        years = None if climate is None else _store(climate)
        return evaluate_forecast(
            forecast, store, beside=others, climate=years, seed=seed, replicates=replicates, report=report
        )
    if found == "ocean":
        return evaluate_ocean(
            stored_set(states, store) if isinstance(states, StateStore) else _dataset(states, read_dataset),
            store,
            roles=roles,
            floor=cast("Floor | None", floor),
            seed=seed,
            replicates=replicates,
            report=report,
        )
    ice = store_as_states(states) if isinstance(states, StateStore) else _dataset(states, open_states)
    return evaluate(ice, store, seed=seed, replicates=replicates, report=report)


def kind_of(states: Source) -> Kind:
    """Tell what a dataset or file holds: a forecast has the dimension ``lead``, ocean states ``thetao``.

    Raises:
        InputError: If there is no such file, or it cannot be read.
    """
    if isinstance(states, Forecast):
        return "forecast"
    dims, names = _content(states)
    if "lead" in dims:
        return "forecast"
    return "ocean" if any(name == "thetao" or name.startswith("thetao_") for name in map(str, names)) else "ice"


def _content(states: xr.Dataset | StateStore | Path | str) -> tuple[Iterable[Hashable], Iterable[Hashable]]:
    """Return the dimensions and the variables or channels there are; of a file, no values are read."""
    if isinstance(states, xr.Dataset):
        return list(states.dims), list(states.data_vars)
    if isinstance(states, StateStore):
        return (), states.channels
    path = Path(states)
    if is_store(path):
        return (), open_store(path).channels
    try:
        with (
            xr.open_zarr(path, consolidated=False, chunks=None, decode_times=False)
            if path.is_dir()
            else xr.open_dataset(path, engine="netcdf4", decode_times=False)
        ) as dataset:
            return list(dataset.dims), list(dataset.data_vars)
    except Exception:
        return _content(read_dataset(path))  # raises and says why


_WORDS: dict[Kind, str] = {"ice": "sea-ice states", "ocean": "ocean states", "forecast": "a forecast"}
_OPTIONS: dict[str, Kind] = {"role": "ocean", "floor": "ocean", "beside": "forecast", "climate": "forecast"}


def _require_fitting(kind: Kind, given: Mapping[str, Any]) -> None:
    require_choice("kind of states", kind, _WORDS)
    idle = {name: _WORDS[of] for name, of in _OPTIONS.items() if given[name] and of != kind}
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


def _dataset(source: Source, read: Callable[[Path | str], xr.Dataset]) -> xr.Dataset:
    if isinstance(source, xr.Dataset):
        return source
    assert isinstance(source, str | Path)
    return read(source)
