"""halocline models: what ships in the wheel."""

import typer


def models() -> None:
    """List the small models that ship with Halocline."""
    from rich.console import Console
    from rich.table import Column, Table

    from halocline.runtime.model_folder import read_card
    from halocline.systems.shipped import model_path, shipped_models

    table = Table(Column("model", no_wrap=True), "variables", "grid", "parameters", "trained with")
    for name in shipped_models():
        card = read_card(model_path(name))
        table.add_row(
            name,
            _words(card["codec"]["variables"]),
            str(card["grid"]["name"]),
            f"{sum(card['parameters'].values()) / 1e6:.1f} M",
            card["command"],
        )
    if not table.rows:
        typer.echo("No model ships with this build.")
        return
    Console().print(table)


def _words(channels: list[str]) -> str:
    """Return channels as words, levels counted: ``thetao (15 levels) so (15 levels) zos``."""
    from halocline.data.fields.layout import Layout

    return " ".join(f"{f.name} ({f.size} levels)" if f.size > 1 else f.name for f in Layout.from_channels(channels))
