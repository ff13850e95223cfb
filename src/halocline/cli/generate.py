"""halocline generate: states from a model."""

from pathlib import Path
from typing import Annotated

import typer


def generate(
    model: Annotated[str, typer.Argument(help="A model folder, or the name of a shipped model.")],
    members: Annotated[int, typer.Option(min=1, help="How many states.")] = 8,
    seed: Annotated[int, typer.Option(help="Seed of the ensemble.")] = 0,
    out: Annotated[Path, typer.Option(help="File to make, .nc or .zarr.")] = Path("states.nc"),
    first: Annotated[int, typer.Option(min=0, help="Number of the first member.")] = 0,
    batch: Annotated[int, typer.Option(min=1, help="Members a pass; changes speed and memory only.")] = 32,
    solver: Annotated[str | None, typer.Option(help="ddpm, ddim, heun or multistep.")] = None,
    steps: Annotated[int | None, typer.Option(min=1, help="Solver steps.")] = None,
    device: Annotated[str, typer.Option(help="auto, cpu, cuda or cuda:N.")] = "auto",
    precision: Annotated[str, typer.Option(help="auto, fp32 or bf16.")] = "auto",
    quiet: Annotated[bool, typer.Option("--quiet", help="No progress.")] = False,
) -> None:
    """Draw states that obey every bound, and write them as CF NetCDF or Zarr."""
    from halocline.generate.dataset import check_output, write_dataset

    check_output(out)
    from halocline.recipes.load import load_model
    from halocline.runtime.device import choose_compute

    chain = load_model(model, choose_compute(device, precision)).with_sampler(solver, steps)  # type: ignore[arg-type]
    write_dataset(chain.generate(members, seed, first=first, batch=batch, quiet=quiet), out)
    typer.echo(f"{members} states written to {out}")
