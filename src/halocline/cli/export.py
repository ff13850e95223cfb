"""``halocline export``: states as files that another model starts from, or an assimilation system takes."""

from pathlib import Path
from typing import Annotated

import typer

from halocline.cli.export_kinds import add_kinds
from halocline.cli.reading_options import Answers, reads_files

app = typer.Typer(no_args_is_help=True, help="Write states as files that another model starts from, or assimilates.")


@app.callback()
def export() -> None:
    """Write states as files that another model starts from, or an assimilation system takes."""


@app.command()
@reads_files
def nemo(
    states: Annotated[Path, typer.Argument(help="NetCDF or Zarr with thetao, so and zos on the mesh of the template.")],
    template: Annotated[Path, typer.Option(help="A NEMO restart, mesh_mask or domain_cfg of the mesh to run on.")],
    out: Annotated[Path, typer.Option(help="Restart to make; the name may not end in _<digits>.nc.")],
    member: Annotated[int, typer.Option(min=0, help="Which state, counted from 0.")] = 0,
    time_step: Annotated[
        float | None, typer.Option(help="rdt of the restart, s; needed with a mesh_mask.", min=1e-3)
    ] = None,
    overwrite: Annotated[
        bool, typer.Option("--overwrite", help="Replace an older file at --out once the new one is complete.")
    ] = False,
    choices: Answers = None,
) -> None:
    """Write a restart that NEMO 4.2 and 5.0 read: T, S and SSH, velocities 0, for an Euler first step."""
    from halocline.bridge.nemo.dates import Calendar, namelist
    from halocline.bridge.nemo.restart import states_for, write_restart
    from halocline.bridge.nemo.template import read_template
    from halocline.data.files.open import read_dataset
    from halocline.runtime.overwrite import replacing

    made_like = read_template(template)
    ocean = states_for(made_like, read_dataset(states), choices=choices, source=str(states))
    calendar = None if time_step is None else Calendar(time_step)
    with replacing(out, "a file", overwrite=overwrite) as target:
        begins = write_restart(ocean, made_like, target, member=member, calendar=calendar)
    for line in ocean.notes.told():
        typer.echo(line)
    typer.echo(f"{out} written, and every rule holds. In NEMO's namelist:\n{namelist(out, begins)}")


add_kinds(app)
