"""halocline inspect: what is inside a store, a model or a file of states, and is it sound."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from rich.table import Table


def inspect(
    path: Annotated[str, typer.Argument(help="A state store, a model folder or shipped model, or a file of states.")],
    verify: Annotated[
        bool, typer.Option("--verify", help="Read every sample or weight and check the fingerprint.")
    ] = False,
) -> None:
    """Show what is inside and whether it is sound."""
    from rich.console import Console

    from halocline.systems.shipped import model_path

    console = Console()
    found = model_path(path)
    if (found / "card.json").is_file() or not found.exists():
        for table in _model(found, verify):
            console.print(table)
        return
    from halocline.data.files.open import is_store

    for table in _store(found, verify) if is_store(found) else _states(found):
        console.print(table)


def _model(path: Path, verify: bool) -> "list[Table]":
    from halocline.runtime.model_folder import read_card, read_model

    card: dict[str, Any] = read_model(path)[2] if verify else read_card(path)
    facts = _facts(
        f"model {card['name']}",
        {
            "recipe": card["recipe"],
            "space": card["config"].get("space", card["config"].get("objective", "data")),
            "variables": ", ".join(card["codec"]["variables"]),
            "grid": f"{card['grid']['name']} ({card['grid']['fingerprint']})",
            "parameters": ", ".join(f"{k} {v / 1e6:.2f} M" for k, v in card["parameters"].items()),
            "trained on": card["data_fingerprint"],
            "command": card["command"],
            "versions": ", ".join(f"{k} {v}" for k, v in card["versions"].items()),
            "soundness": "every checksum fits" if verify else "card fits its checksum (--verify checks the weights)",
        },
    )
    return [facts]


def _store(path: Path, verify: bool) -> "list[Table]":
    from rich.table import Table

    from halocline.data.fields.variables import channel_variable
    from halocline.data.store.splits import SPLITS
    from halocline.data.store.statistics import verify_store
    from halocline.data.store.store import open_store
    from halocline.runtime.progress import progress

    store = open_store(path)
    splits = store.attributes["splits"]
    soundness = "finished (--verify reads every sample)"
    if verify:
        with progress("verifying", store.members * len(store.hours)) as report:
            fits = verify_store(path, report)
        soundness = "every sample read, fingerprint fits" if fits else "THE FINGERPRINT DOES NOT FIT"
    ocean = {}
    if store.grid.vertical is not None:
        v = store.grid.vertical
        ocean["levels"] = f"{v.levels}, {v.depth[0]:g} to {v.depth[-1]:g} m, {int(v.mask.sum())} wet cells"
    if store.table is not None:
        ocean["parameters"] = ", ".join(
            f"{name} {values.min():.3g} to {values.max():.3g} {unit}"
            for (name, values), unit in zip(store.parameters.items(), store.table.units, strict=True)
        )
        ocean["roles"] = ", ".join(f"{role} {store.roles.count(role)}" for role in dict.fromkeys(store.roles))
    facts = _facts(
        f"store {path}",
        {
            "grid": f"{store.grid.name}, {store.grid.shape[0]} x {store.grid.shape[1]}, "
            f"{int(store.grid.mask.sum())} ocean cells ({store.grid.fingerprint()})",
            **ocean,
            "members": str(store.members),
            "times": f"{len(store.hours)} a member, every {int(store.hours[1] - store.hours[0])} h",
            "splits": ", ".join(f"{s} {len(splits.get(s, []))} years" for s in SPLITS),
            "fingerprint": store.fingerprint,
            "soundness": soundness,
        },
    )
    table = Table(
        "variable", "unit", "mean", "std", "min", "max", "at lo", "at hi", title="training years, ocean cells"
    )
    for name, s in store.statistics.items():
        numbers = [f"{s[k]:.3g}" for k in ("mean", "std", "min", "max")]
        shares = [f"{s['share_at_lower']:.1%}", f"{s['share_at_upper']:.1%}"]
        table.add_row(name, channel_variable(name)[0].unit, *numbers, *shares)
    return [facts, table]


def _states(path: Path) -> "list[Table]":
    from rich.table import Table

    from halocline.data.fields.variables import is_variable, variable
    from halocline.data.files.open import open_states

    dataset = open_states(path)
    facts = {str(k).removeprefix("halocline_"): str(v) for k, v in dataset.attrs.items()}
    table = Table("variable", "unit", "mean", "min", "max")
    for name in (str(n) for n in dataset.data_vars if is_variable(str(n))):
        field = dataset[name]
        table.add_row(name, variable(name).unit, *(f"{float(f()):.4g}" for f in (field.mean, field.min, field.max)))
    for name in (str(n) for n, c in dataset.coords.items() if "forcing" in c.attrs or n == "day_of_year"):
        values = dataset[name]
        facts[name] = f"{float(values.min()):.4g} to {float(values.max()):.4g} {values.attrs.get('units', '')}"
    if "depth" in dataset.coords:
        depth = dataset["depth"].values
        facts["levels"] = f"{len(depth)}, {depth[0]:g} to {depth[-1]:g} m"
    return [_facts(f"states {path}, {dict(dataset.sizes)}", facts), table]


def _facts(title: str, facts: dict[str, str]) -> "Table":
    from rich.table import Table

    table = Table(title=title, show_header=False)
    for key, value in facts.items():
        table.add_row(key, value)
    return table
