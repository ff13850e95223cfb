"""The spin-up experiment's page: table, curves of distance and drift, in one self-contained HTML file."""

from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path

from matplotlib.figure import Figure

from halocline.report.compare import Comparison
from halocline.report.page import Page, Section, Table, pictured, render
from halocline.report.panels import panel_grid
from halocline.report.spinup.beside import further_tables
from halocline.report.spinup.table import spinup_table, words_below
from halocline.report.style import GENERATED, REAL, TEXT, name_axes
from halocline.runtime import files
from halocline.spinup.experiment import Result, SpinupPlan
from halocline.spinup.methods import METHODS
from halocline.spinup.tables import write_record

_COLOURS = {
    "cold": REAL,
    "own": "#4f9d69",
    "mean": "#8a97a1",
    "nearest": "#2a7f9e",
    "regression": "#7a5195",
    "surface": "#b5762a",
    "generated": "#e98a6a",
    "generated-mean": GENERATED,
}
_STROKES = {"": "-", "anderson": "--", "jump": "-."}
_PANELS = (
    ("distance_thetao", "distance, temperature (K)", "distance_thetao"),
    ("distance_thetao_upper", "distance above 1000 m (K)", "distance_thetao"),
    ("drift_thetao", "drift of level means (K a decade)", "drift_thetao"),
)


def write_spinup(result: Result, plan: SpinupPlan, about: Mapping[str, object], folder: Path) -> str:
    """Write tables, JSON, ``spinup.md`` and ``report.html``; return the Markdown.

    Args:
        result: What came out.
        plan: What was run.
        about: Further facts: where data and states come from, what they cost.
        folder: Where; older files are replaced.
    """
    write_record(result, plan, about, folder)
    table, words = spinup_table(result, plan), words_below(result, plan, dict(about))
    markdown = table.to_markdown() + "\n" + "\n".join(f"{line}\n" for line in words)
    for title, text, more in further_tables(result, plan):
        markdown += f"\n**{title}**\n\n{more.to_markdown()}\n{text}\n"
    files.write_text(folder / "spinup.md", markdown)
    files.write_text(folder / "report.html", render(page(result, plan, about, table, words)))
    return markdown


def page(result: Result, plan: SpinupPlan, about: Mapping[str, object], table: Comparison, words: list[str]) -> Page:
    """Return the page: the table, then a section a target."""
    lead = (
        f"Veros, DINO {plan.archive.preset}, constant forcing without weather. Each start runs on until it is in "
        "equilibrium under forcing that no training member had."
    )
    sections = [Section("Model years and CPU seconds", tuple(words), table=Table.of(table))]
    sections += [Section(title, (text,), table=Table.of(more)) for title, text, more in further_tables(result, plan)]
    for target in plan.targets:
        where = "inside the trained range" if target.role == "interior" else "at its warm end"
        forcing = ", ".join(f"{k.replace('_', ' ')} {v:g}" for k, v in asdict(target.forcing).items())
        sections += pictured(
            f"Member {target.member}, {where}",
            f"{forcing}. Dotted: the limits of the criterion. Dashed: with Anderson acceleration; dash-dotted: with "
            "pooled jumps.",
            f"Curves of distance from equilibrium and drift against model years, member {target.member}, a curve "
            "a start.",
            curves(result, plan, target.name),
        )
    return Page(
        "How long until equilibrium",
        [lead],
        sections=sections,
        provenance={name.replace("_", " "): fact for name, fact in about.items()},
        files="All figures: outcomes.csv, stages.csv, spinup.json.",
    )


def curves(result: Result, plan: SpinupPlan, target: str) -> Figure:
    """Draw distance from the nearest equilibrium and drift against model years, a line a method; limits dotted."""
    figure, panels = panel_grid(len(_PANELS), height=3.9, width=11.5)
    limits = asdict(plan.criterion)
    for axes, (name, label, limit) in zip(panels, _PANELS, strict=True):
        for outcome in (o for o in result.outcomes if o.target == target):
            method = METHODS[outcome.method]
            years, values = [s.years for s in outcome.stages], [s.figures[name] for s in outcome.stages]
            axes.plot(
                years,
                values,
                color=_COLOURS[method.start],
                ls=_STROKES[method.by],
                lw=1.4,
                marker=".",
                ms=4,
                label=method.words,
            )
        axes.axhline(limits[limit], color=TEXT, lw=0.8, ls=":")
        axes.set_yscale("log")
        name_axes(axes, x="model years", y=label)
    handles, names = figure.axes[0].get_legend_handles_labels()
    figure.legend(handles, names, loc="outside upper center", ncols=5, fontsize=7, frameon=False, labelcolor=TEXT)
    return figure
