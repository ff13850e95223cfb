"""halocline models: what ships in the wheel."""

import json
from typing import Annotated, Any

import typer


def models(
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """List the small models that ship with Halocline; 'halocline inspect NAME' shows one in detail."""
    from halocline.runtime.console import columns
    from halocline.runtime.model_folder import read_card
    from halocline.systems.shipped import model_path, shipped_models

    cards = {name: read_card(model_path(name)) for name in shipped_models()}
    about = [_about(name, card) for name, card in cards.items()]
    if as_json:
        typer.echo(json.dumps(about, indent=1))
        return
    if not about:
        typer.echo("No model ships with this build.")
        return
    rows = [
        (m["model"], m["kind"], channel_words(m["variables"]), m["grid"], f"{m['parameters'] / 1e6:.1f} M")
        for m in about
    ]
    typer.echo(columns(("model", "kind", "variables", "grid", "size"), rows, right=("size",)))


def _about(name: str, card: dict[str, Any]) -> dict[str, Any]:
    return {
        "model": name,
        "kind": "surrogate" if card["recipe"] == "surrogate" else "generator",
        "variables": card["codec"]["variables"],
        "grid": card["grid"]["name"],
        "parameters": sum(card["parameters"].values()),
        "command": card["command"],
    }


def channel_words(channels: list[str]) -> str:
    """Return channels as words, levels counted: ``thetao (15) so (15) zos``."""
    from halocline.data.fields.layout import Layout

    return " ".join(f"{f.name} ({f.size})" if f.size > 1 else f.name for f in Layout.from_channels(channels))
