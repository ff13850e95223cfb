"""Synthetic observations of states: what instruments would have measured of them, with the errors that they state."""

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any, get_args, get_type_hints

from halocline.data.fields.calendar import date_of, hour_of
from halocline.data.files.open import Source
from halocline.data.reading.choices import AS_THE_FILE_SAYS, Choices
from halocline.observations.instruments.base import INSTRUMENTS, Instrument, Scene
from halocline.observations.table import Observations, concatenate
from halocline.observations.truth import Truth, open_truth
from halocline.runtime.errors import ConfigError, InputError, require_choice
from halocline.runtime.limits import require_memory
from halocline.runtime.progress import progress
from halocline.runtime.registry import Registry

_ROW_BYTES = 600
"""Memory of a row in its table, in the table of all, and in what is written."""
_FEWER = "Ask for fewer days (--from, --to), or for every so-manieth cell or orbit (--set KIND.every=4)."


def observe(
    states: Source,
    kinds: Sequence[str],
    *,
    member: int = 0,
    first: str | None = None,
    last: str | None = None,
    date: str | None = None,
    seed: int = 0,
    settings: Mapping[str, Any] | None = None,
    choices: Choices = AS_THE_FILE_SAYS,
    quiet: bool = True,
) -> Observations:
    """Return what instruments measure of one member of states.

    value = H(state) + sigma eps, with the sigma that stands in the table and eps that belongs to (seed, kind, member,
    period). The table does not depend on the order of kinds, nor what it has of one day on the other days.

    Args:
        states: A store, a file of states, or a dataset.
        kinds: Names of instruments, see ``INSTRUMENTS``.
        member: Which member, counted from 0.
        first: First date, e.g. ``2007-01-01``; that of the states if None.
        last: Last date, the whole day if no hour is given; that of the states if None.
        date: When states without dates are valid.
        seed: Seed of places and errors.
        settings: Options of kinds, ``{"concentration.high": 0.2}``.
        choices: What a file does not say.
        quiet: No progress.

    Raises:
        ConfigError: If there is no such kind or option, it is out of range, or the rows do not fit in memory.
        InputError: If the states lack a variable, or hold none of the dates.
    """
    made = {kind: build(INSTRUMENTS, kind, settings or {}) for kind in sorted(set(kinds))}
    _require_known(settings or {}, made, INSTRUMENTS.kind)
    if not made:
        raise ConfigError(
            "kind", found="none", expected=", ".join(INSTRUMENTS), remedy="Name at least one with --kind."
        )
    truth = open_truth(states, member=member, date=date, choices=choices)
    for kind, instrument in made.items():
        _require_variables(kind, instrument, truth)
    begin, end = _range(truth, first, last)
    scene = Scene(truth, member, begin, end, seed)
    tables: list[Observations] = [Observations.empty(truth.calendar)]
    with progress("observe", len(made), quiet=quiet) as report:
        for done, (kind, instrument) in enumerate(made.items()):
            for table in instrument.measure(scene):
                tables.append(table)
                count = sum(map(len, tables))
                require_memory(f"{count} observations", _ROW_BYTES * count, _FEWER)
                report(done, f"{kind}: {count} rows")
        report(len(made), f"{sum(map(len, tables))} rows")
    return concatenate(tables)


def build(registry: Registry[Any], kind: str, settings: Mapping[str, Any]) -> Any:
    """Return a kind of a registry with its options out of ``settings``, whose names begin with its own.

    Args:
        registry: Of frozen dataclasses whose fields are options.
        kind: Name of the kind.
        settings: ``{"KIND.OPTION": value}``; text is read as the option's type.

    Raises:
        ConfigError: If there is no such kind or option, or a value is of another type.
    """
    maker = registry[kind]
    hints = {f.name: get_args(get_type_hints(maker, include_extras=True)[f.name])[0] for f in dataclasses.fields(maker)}
    given: dict[str, Any] = {}
    for key, value in settings.items():
        name, _, option = key.partition(".")
        if name != kind:
            continue
        option = option.replace("-", "_")
        require_choice(f"option of {kind}", option, hints)
        given[option] = _as_type(key, value, hints[option])
    return maker(**given)


def _as_type(key: str, value: Any, wanted: Any) -> Any:
    try:
        if wanted is bool:
            words = {"true": True, "false": False}
            return value if isinstance(value, bool) else words[str(value).lower()]
        if wanted is int:
            number = float(value)
            if isinstance(value, bool) or number != int(number):
                raise ValueError
            return int(number)
        return wanted(value)
    except (ValueError, TypeError, KeyError, OverflowError):
        expected = {bool: "true or false", int: "a whole number", float: "a number"}.get(wanted, "text")
        raise ConfigError(f"option {key}", found=value, expected=expected, remedy="Pass another value.") from None


def _require_known(settings: Mapping[str, Any], made: Mapping[str, object], what: str) -> None:
    for key in settings:
        require_choice(f"{what} with options ('{key}')", key.partition(".")[0], made)


def _require_variables(kind: str, instrument: Instrument, truth: Truth) -> None:
    if missing := [name for name in instrument.needs if name not in truth.names]:
        raise InputError(
            truth.source,
            found=f"no {', '.join(missing)} (only {', '.join(truth.names)})",
            expected=f"{', '.join(instrument.needs)}, at which '{kind}' looks",
            remedy="Leave this kind out, or take other states.",
        )


def _range(truth: Truth, first: str | None, last: str | None) -> tuple[float, float]:
    begin = float(truth.hours[0]) if first is None else float(hour_of(first, truth.calendar))
    end = float(truth.hours[-1]) if last is None else float(hour_of(last, truth.calendar))
    if last is not None and len(last.strip()) <= 10:
        end += 24.0 - 1e-6
    inside = (truth.hours >= begin) & (truth.hours <= end)
    if not inside.any():
        dates = [date_of(float(h), truth.calendar) for h in (truth.hours[0], truth.hours[-1])]
        raise InputError(
            f"dates of {truth.source}",
            found=f"{dates[0]} to {dates[1]}",
            expected=f"states between {first} and {last}",
            remedy="Correct --from and --to.",
        )
    return begin, end
