"""``halocline export``: states as files that another model starts from, or an assimilation system takes."""

from pathlib import Path
from typing import Annotated

import typer

from halocline.cli.options.export_kinds import add_kinds
from halocline.cli.options.reading_options import Answers, reads_files

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
    velocities: Annotated[
        str, typer.Option(help="rest, balanced (geostrophic), nearest (of restarts) or template (its own).")
    ] = "rest",
    no_motion: Annotated[
        float | None, typer.Option(help="Balanced: level of no motion, m, instead of the sea-surface height.")
    ] = None,
    stream_function: Annotated[
        Path | None, typer.Option(help="Balanced: barotropic stream function, m3/s, for the depth means.")
    ] = None,
    equator_rule: Annotated[
        str, typer.Option(help="Balanced: beta (beta-plane balance at the equator) or zero (at rest there).")
    ] = "beta",
    equator: Annotated[
        float | None, typer.Option(help="Balanced: the rule's latitude, degrees; 2.2 for beta, 5 for zero.")
    ] = None,
    wind: Annotated[
        str | None,
        typer.Option(
            help="Balanced: whose stress adds an Ekman layer: template, dino, none or a NetCDF with utau and vtau. "
            "The template restart's if left out."
        ),
    ] = None,
    ekman_depth: Annotated[float, typer.Option(help="Balanced: thickness of the Ekman layer, m.")] = 32.5,
    equation: Annotated[str, typer.Option(help="Balanced: density by seos (DINO's) or teos10.")] = "seos",
    nearest_of: Annotated[
        list[Path] | None, typer.Option(help="A restart of a training run, for nearest; may be repeated.")
    ] = None,
    keep: Annotated[
        list[str] | None,
        typer.Option(help="turbulence, fluxes or none: what is kept of a template restart; both if left out."),
    ] = None,
    overwrite: Annotated[
        bool, typer.Option("--overwrite", help="Replace an older file at --out once the new one is complete.")
    ] = False,
    choices: Answers = None,
) -> None:
    """Write a restart that NEMO 4.2 and 5.0 read: T, S, SSH and velocities, for an Euler first step."""
    from halocline.bridge.nemo.dates import Calendar, namelist
    from halocline.bridge.nemo.restart import KEEP, problems_of, states_for, write_restart
    from halocline.bridge.nemo.template import read_template
    from halocline.bridge.nemo.velocities import Velocities
    from halocline.data.files.problems import Problems
    from halocline.data.files.slabs import one_of
    from halocline.runtime.errors import HaloclineError
    from halocline.runtime.overwrite import replacing

    kept = tuple(KEEP) if keep is None else () if keep == ["none"] else tuple(keep)
    calendar = None if time_step is None else Calendar(time_step)
    with replacing(out, "a file", overwrite=overwrite) as target:
        made_like = ocean = moving = None
        problems = Problems(f"export nemo of {out.name}")
        with problems.collect(HaloclineError):
            moving = Velocities(
                velocities,
                no_motion=no_motion,
                stream_function=stream_function,
                equator=equator,
                equation=equation,
                restarts=tuple(nearest_of or ()),
                rule=equator_rule,
                wind=wind,
                ekman_depth=ekman_depth,
            )
        with problems.collect(HaloclineError):
            made_like = read_template(template)
            dataset, member = one_of(states, member)
            ocean = states_for(made_like, dataset, choices=choices, source=str(states))
        if made_like is None or ocean is None or moving is None:
            problems.found += problems_of(ocean, made_like, target, member=member, calendar=calendar, keep=kept).found
            problems.raise_all()
        assert made_like is not None
        assert ocean is not None
        assert moving is not None
        begins = write_restart(ocean, made_like, target, member=member, calendar=calendar, velocities=moving, keep=kept)
    for line in ocean.notes.told():
        typer.echo(line)
    typer.echo(f"{out} written, and every rule holds. In NEMO's namelist:\n{namelist(out, begins)}")


add_kinds(app)
