"""halocline train: from a store to a model folder."""

import shlex
import sys
from pathlib import Path
from typing import Annotated

import typer


def train(
    recipe: Annotated[str, typer.Argument(help="A preset (see --list) or a TOML file.")],
    data: Annotated[Path, typer.Option(help="State store to train on.")],
    out: Annotated[Path, typer.Option(help="Model folder to make.")],
    set_: Annotated[list[str] | None, typer.Option("--set", help="Change one key: --set denoiser.width=64")] = None,
    resume: Annotated[bool, typer.Option("--resume", help="Continue a stopped or killed training.")] = False,
    half: Annotated[bool, typer.Option("--half", help="Store weights in float16.")] = False,
    device: Annotated[str, typer.Option(help="auto, cpu, cuda or cuda:N.")] = "auto",
    precision: Annotated[str, typer.Option(help="auto, fp32 or bf16.")] = "auto",
    compiled: Annotated[
        bool, typer.Option("--compile", help="Compile a surrogate's network first: a minute or two, then faster.")
    ] = False,
    workers: Annotated[
        int, typer.Option(min=0, help="Processes that make batches ahead; worth it beside a GPU. Same bits with any.")
    ] = 0,
    threads: Annotated[int | None, typer.Option(help="CPU threads; resuming to the bit needs the same number.")] = None,
    quiet: Annotated[bool, typer.Option("--quiet", help="No progress.")] = False,
) -> None:
    """Train a recipe; Ctrl-C keeps a checkpoint, --resume goes on to the same bits."""
    from halocline.systems.config import load_config

    config = load_config(recipe, set_)
    from halocline.data.store.store import open_store
    from halocline.runtime.device import choose_compute, set_threads
    from halocline.systems.training import train as run
    from halocline.training.stop import StopRequested

    set_threads(threads)
    compute = choose_compute(device, precision, compiled=compiled, workers=workers)  # type: ignore[arg-type]
    store = open_store(data)
    command = " ".join(["halocline", *map(shlex.quote, (a for a in sys.argv[1:] if a not in ("--resume", "--quiet")))])
    try:
        run(config, store, out, compute, name=out.name, command=command, resume=resume, half=half, quiet=quiet)
    except StopRequested as stop:
        typer.echo(str(stop), err=True)
        raise typer.Exit(130) from None
    typer.echo(f"Model written to {out}")
