"""halocline train: from a store to a model folder."""

import shlex
import sys
from pathlib import Path
from typing import Annotated

import typer


def _print_presets(wanted: bool) -> None:
    if wanted:
        from halocline.runtime.console import facts
        from halocline.systems.config import preset_descriptions

        typer.echo(facts("Presets; 'halocline train PRESET --data DATA.zarr --out MODEL'", preset_descriptions()))
        raise typer.Exit


def train(
    data: Annotated[Path, typer.Option(help="State store to train on.")],
    out: Annotated[Path, typer.Option(help="Model folder to make.")],
    recipe: Annotated[
        str | None, typer.Argument(help="A preset (see --list) or a TOML file; with --from the model's own if omitted.")
    ] = None,
    from_: Annotated[
        str | None, typer.Option("--from", help="Model folder or shipped model to adapt: training starts from it.")
    ] = None,
    set_: Annotated[list[str] | None, typer.Option("--set", help="Change one key: --set denoiser.width=64")] = None,
    resume: Annotated[bool, typer.Option("--resume", help="Continue a stopped or killed training.")] = False,
    half: Annotated[bool, typer.Option("--half", help="Store weights in float16.")] = False,
    device: Annotated[str, typer.Option(help="auto, cpu, cuda or cuda:N.")] = "auto",
    precision: Annotated[str, typer.Option(help="auto, fp32 or bf16.")] = "auto",
    compiled: Annotated[
        bool,
        typer.Option("--compile", help="Compile the network first, a minute or two; for surrogates and GPUs."),
    ] = False,
    workers: Annotated[
        int, typer.Option(min=0, help="Processes that make batches ahead; worth it beside a GPU. Same bits with any.")
    ] = 0,
    accumulate: Annotated[
        int, typer.Option(help="Passes for each batch, to need less memory; the same weights up to rounding.")
    ] = 1,
    share_packed: Annotated[
        bool,
        typer.Option("--share-packed", help="Leave a surrogate's packed records beside the store for others."),
    ] = False,
    threads: Annotated[int | None, typer.Option(help="CPU threads; resuming to the bit needs the same number.")] = None,
    overwrite: Annotated[
        bool, typer.Option("--overwrite", help="Replace an older model at --out once the new one is complete.")
    ] = False,
    quiet: Annotated[bool, typer.Option("--quiet", help="No progress.")] = False,
    list_: Annotated[
        bool, typer.Option("--list", callback=_print_presets, is_eager=True, help="List the presets and exit.")
    ] = False,
) -> None:
    """Train a recipe; Ctrl-C keeps a checkpoint, --resume goes on to the same bits.

    On several GPUs or machines: torchrun --nproc-per-node N -m halocline train … (docs/howto/cluster.md).
    """
    from halocline.systems.config import load_config

    config = load_config(recipe, set_, from_)
    from halocline.data.store.store import open_store
    from halocline.runtime.device import choose_compute, set_threads
    from halocline.runtime.overwrite import replacing
    from halocline.runtime.processes.allocation import keep_freed_memory
    from halocline.runtime.processes.joining import is_first, refuse_overwrite
    from halocline.systems.training import train as run
    from halocline.training.stop import StopRequested

    refuse_overwrite(overwrite)
    keep_freed_memory()
    set_threads(threads)
    compute = choose_compute(device, precision, compiled=compiled, workers=workers, accumulate=accumulate)  # type: ignore[arg-type]
    store = open_store(data)
    left_out = ("--resume", "--quiet", "--overwrite")
    command = " ".join(["halocline", *map(shlex.quote, (a for a in sys.argv[1:] if a not in left_out))])
    try:
        with replacing(out, "a model", overwrite=overwrite) as target:
            about = {"name": out.name, "command": command}
            how = {"resume": resume, "half": half, "share_packed": share_packed, "quiet": quiet}
            run(config, store, target, compute, **about, **how)  # type: ignore[arg-type]
    except StopRequested as stop:
        if is_first():
            typer.echo(str(stop), err=True)
        raise typer.Exit(stop.status) from None
    if is_first():
        typer.echo(f"Model written to {out}")
