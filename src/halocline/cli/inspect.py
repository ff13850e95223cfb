"""halocline inspect: what is inside a store, a model or a file of states, and is it sound."""

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from halocline.cli.options.reading_options import Answers, reads_files
from halocline.cli.telling.inspect_text import text_of


@reads_files
def inspect(
    path: Annotated[
        str, typer.Argument(help="A state store, a model folder or shipped model, a file of states or of observations.")
    ],
    verify: Annotated[
        bool, typer.Option("--verify", help="Read every sample or weight and check the fingerprint.")
    ] = False,
    preset: Annotated[
        str | None, typer.Option(help="Of a store: what this recipe's loss would pay for its smallest scales.")
    ] = None,
    set_: Annotated[
        list[str] | None, typer.Option("--set", help="With --preset, change one key: --set space=data")
    ] = None,
    response: Annotated[
        bool,
        typer.Option("--response", help="Of a store: how well a response surface over parameters knows its members."),
    ] = False,
    picture: Annotated[
        Path | None, typer.Option(help="Of observations: a picture (.png) of where they lie; needs the extra report.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    choices: Answers = None,
) -> None:
    """Show what a store, model or file holds, and whether it is intact."""
    from halocline.systems.shipped import model_path

    if preset is not None:
        typer.echo(_preflight(Path(path), preset, set_ or [], as_json))
        return
    if response:
        typer.echo(_response(Path(path), as_json))
        return
    found = model_path(path)
    if picture is not None:
        _draw(found, picture)
    about = _about(found, verify, choices)
    typer.echo(json.dumps(about, indent=1, ensure_ascii=False) if as_json else text_of(about))


def _about(path: Path, verify: bool, choices: Any) -> dict[str, Any]:
    from halocline.cli.telling.soundness import is_record, kind_of, records_of, verify_states
    from halocline.data.files.open import is_forecast, is_store
    from halocline.observations.files import is_observations

    if kind_of(path) == "model" or not path.exists():
        return _model(path, verify)
    if is_record(path):
        return records_of(path)
    if is_store(path):
        return _store(path, verify)
    told = {"soundness": verify_states(path)} if verify else {}
    if is_observations(path):
        return _observations(path) | told
    return (_forecast(path) if is_forecast(path) else _file(path, choices)) | told


def _preflight(path: Path, preset: str, changes: list[str], as_json: bool) -> str:
    from halocline.data.store.store import open_store
    from halocline.runtime.errors import ConfigError
    from halocline.systems.config import load_config
    from halocline.systems.preflight import LATENT
    from halocline.systems.protocol import SYSTEMS

    config = load_config(preset, changes)
    look = getattr(SYSTEMS[config.recipe], "preflight", None)
    if look is None:
        raise ConfigError(
            f"--preset {preset}",
            found=f"the recipe '{config.recipe}'",
            expected="a generator's: its loss is a denoiser's at many noise levels",
            remedy="Name a preset of a generator (halocline train --list).",
        )
    found = look(config, open_store(path).remembering())
    if as_json:
        return json.dumps({"pre-flight": None if found is None else found.rows()}, indent=1)
    return LATENT if found is None else found.text()


def _response(path: Path, as_json: bool) -> str:
    from halocline.data.response.quality import quality_of
    from halocline.data.store.store import open_store

    quality = quality_of(open_store(path))
    if not as_json:
        return quality.text()
    about = {"members": len(quality.states.members), "inside": int(quality.inside.sum()), "errors": quality.rows()}
    return json.dumps({"response surface": about | {"passed": quality.passed}}, indent=1)


def _model(path: Path, verify: bool) -> dict[str, Any]:
    from halocline.runtime.errors import ModelError
    from halocline.runtime.model_folder import read_card, read_model, require_parts, unlisted

    card = require_parts(path, read_model(path)[2] if verify else read_card(path))
    fits = "every checksum fits" + (f"; none for {', '.join(others)}" if (others := unlisted(path, card)) else "")
    try:
        return _card(card) | {"soundness": fits if verify else "card fits its checksum (--verify checks the weights)"}
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise ModelError(
            f"model {path}",
            found=f"a card that cannot be read ({type(error).__name__}: {error})",
            expected="a card that 'halocline train' wrote",
            remedy="Use a model of which you know the origin.",
        ) from error


def _card(card: dict[str, Any]) -> dict[str, Any]:
    from halocline.data.fields.layout import Layout

    Layout.from_channels(card["codec"]["variables"])
    return {
        "model": card["name"],
        "recipe": card["recipe"],
        "space": card["config"].get("space", card["config"].get("objective", "data")),
        "variables": card["codec"]["variables"],
        **({"told": told} if (told := _told(card.get("conditions"))) else {}),
        "grid": {"name": card["grid"]["name"], "fingerprint": card["grid"]["fingerprint"]},
        "parameters": card["parameters"],
        **({"adapted from": card["from"]} if "from" in card else {}),
        "trained on": card["data_fingerprint"],
        "command": card["command"],
        "versions": card["versions"],
    }


def _told(conditions: dict[str, Any] | None) -> list[str]:
    """Return the names that ``generate --condition`` takes."""
    from halocline.data.sampling.conditions import Conditions

    return list(Conditions.names_in(conditions)) if conditions else []


def _store(path: Path, verify: bool) -> dict[str, Any]:
    from halocline.cli.telling.soundness import SEALED, UNSEALED
    from halocline.data.fields.variables import channel_variable
    from halocline.data.store.splits import SPLITS, has_split, in_years, limits_of, samples_of
    from halocline.data.store.statistics import verify_store
    from halocline.data.store.store import open_store
    from halocline.runtime.progress import progress

    store = open_store(path)
    soundness = "finished (--verify reads every sample)"
    if verify:
        with progress("verifying", store.members * len(store.hours)) as report:
            sealed = verify_store(path, report)
        soundness = "every sample read, fingerprint fits; " + (SEALED if sealed else UNSEALED)
    grid, about = store.grid, dict[str, Any]()
    if grid.vertical is not None:
        depth = grid.vertical.nominal_depth
        about["levels"] = len(depth)
        about["depth"] = {"from": float(depth[0]), "to": float(depth[-1]), "unit": "m"}
        about["wet cells"] = int(grid.vertical.mask.sum())
    if not grid.topology.closed:
        about["sides"] = ", ".join(f"{edge} along {axis}" for axis, edge in grid.topology.words().items())
    if store.table is not None:
        about["parameters"] = {
            name: {"from": float(values.min()), "to": float(values.max()), "unit": unit}
            for (name, values), unit in zip(store.parameters.items(), store.table.units, strict=True)
        }
        about["roles"] = {role: store.roles.count(role) for role in dict.fromkeys(store.roles)}
    splits: dict[str, Any] = store.attributes["splits"]
    if in_years(store):
        shared = {"years": {split: len(splits.get(split, [])) for split in SPLITS}}
    else:
        shared = {"states": {split: len(samples_of(store, split)) for split in SPLITS if has_split(store, split)}}
    limits = limits_of(store)
    ny, nx = grid.shape
    apart = {"hours apart": int(store.hours[1] - store.hours[0])} if len(store.hours) > 1 else {}
    return {
        "store": str(path),
        "grid": {"name": grid.name, "fingerprint": grid.fingerprint()},
        "cells": {"y": ny, "x": nx, "ocean": int(grid.mask.sum())},
        **about,
        "members": store.members,
        "times": {"a member": len(store.hours), **apart},
        **shared,
        **({"splits cannot tell": limits} if limits else {}),
        "fingerprint": store.fingerprint,
        "soundness": soundness,
        "statistics": [
            {"variable": name, "unit": channel_variable(name)[0].unit, **numbers}
            for name, numbers in store.statistics.items()
        ],
    }


def _forecast(path: Path) -> dict[str, Any]:
    from halocline.data.fields.calendar import date_of
    from halocline.evaluate.forecast.file import open_forecast

    forecast = open_forecast(path)
    told = dict(forecast.dataset.attrs.get("provenance", {}))
    return {
        "forecast": str(path),
        "grid": {"name": forecast.grid.name, "fingerprint": forecast.grid.fingerprint()},
        "variables": list(forecast.channels),
        "starts": [date_of(int(hour), forecast.calendar) for hour in forecast.start_hours],
        "members": int(forecast.dataset.sizes["member"]),
        "leads": {"from": float(forecast.lead_hours[0]), "to": float(forecast.lead_hours[-1]), "unit": "h"},
        **{key: told[key] for key in ("model", "seed", "start", "forcing") if key in told},
    }


def _draw(path: Path, picture: Path) -> None:
    from halocline.observations.files import read_observations
    from halocline.runtime.extras import require_extra

    require_extra("report", "drawing observations")
    from halocline.report.observations import write_picture

    write_picture(read_observations(path), picture)


def _observations(path: Path) -> dict[str, Any]:
    from halocline.data.files.open import open_dataset
    from halocline.observations.describe import describe
    from halocline.observations.files import read_observations

    attributes = open_dataset(path, "observations", times="raw").attrs
    own = ("halocline_observations", "halocline_version")
    told = {str(k)[10:]: str(v) for k, v in attributes.items() if str(k).startswith("halocline_") and k not in own}
    return {"observations": str(path), **told, **describe(read_observations(path))}


def _file(path: Path, choices: Any) -> dict[str, Any]:
    """Return what a file holds and how the commands would read it; what they would refuse is said, not raised."""
    from halocline.report.how_read import how_read, roles_of
    from halocline.runtime.errors import InputError

    if not roles_of(path):
        return _states(path, choices)  # raises, and says what is missing
    told = how_read(path, choices)
    try:
        about = _states(path, choices)
    except InputError:
        about = {"file": str(path)}
    statistics = about.pop("statistics", None)
    return about | told | ({"statistics": statistics} if statistics else {})


def _states(path: Path, choices: Any) -> dict[str, Any]:
    from halocline.data.fields.variables import is_variable, variable
    from halocline.data.files.states import open_states

    dataset = open_states(path, choices)
    about: dict[str, Any] = {
        str(name).removeprefix("halocline_"): _value(value) for name, value in dataset.attrs.items()
    }
    for name in (str(n) for n, c in dataset.coords.items() if "forcing" in c.attrs or n == "day_of_year"):
        values = dataset[name]
        about[name] = {"from": float(values.min()), "to": float(values.max()), "unit": values.attrs.get("units", "")}
    if "depth" in dataset.coords:
        depth = dataset["depth"].values
        about["levels"] = len(depth)
        about["depth"] = {"from": float(depth[0]), "to": float(depth[-1]), "unit": "m"}
    fields = [(str(name), dataset[name]) for name in dataset.data_vars if is_variable(str(name))]
    return {
        "states": str(path),
        "sizes": {str(name): size for name, size in dataset.sizes.items()},
        **about,
        "statistics": [
            {
                "variable": name,
                "unit": variable(name).unit,
                "mean": float(field.mean()),
                "min": float(field.min()),
                "max": float(field.max()),
            }
            for name, field in fields
        ],
    }


def _value(value: Any) -> Any:
    """Return an attribute as JSON has it; text that holds JSON is read."""
    if isinstance(value, str) and value[:1] in "{[":
        try:
            return json.loads(value)
        except ValueError:
            return value
    return value.tolist() if hasattr(value, "tolist") else value
