"""Known equilibria for people: a table, and the approach of the three runs as a picture."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path

from matplotlib.figure import Figure

from halocline.report.compare import Comparison
from halocline.report.numbers import number
from halocline.report.page import Page, Section, Table, pictured, render
from halocline.report.panels import panel_grid
from halocline.report.style import DPI, GENERATED, REAL, TEXT, name_axes
from halocline.runtime import files
from halocline.spinup.criterion import WINDOW
from halocline.spinup.reference.extrapolate import SIDES
from halocline.spinup.reference.folder import approach
from halocline.spinup.reference.make import Reference
from halocline.spinup.reference.settings import ReferenceSettings

_COLOURS = {"cold": REAL, "other": GENERATED, "middle": "#8a97a1"}
_PANELS = (
    ("mean_thetao", "mean temperature (°C)", ""),
    ("distance_thetao", "distance from the equilibrium (K)", "apart_thetao"),
    ("drift_thetao", "drift of level means, each block (K a decade)", "drift_thetao"),
)


def reference_table(found: Sequence[Reference]) -> Comparison:
    """Return a line a forcing: whether the limits hold, the error and what it is made of, the cost."""
    header = (
        "forcing",
        "within the limits",
        "error (K)",
        "sides apart (K)",
        "still ahead (K)",
        "at most (K)",
        "drifts (K a decade)",
        "drifts (psu a decade)",
        "signed drifts (K a decade)",
        "second equilibrium",
        "model years",
        "CPU s",
    )
    lines = []
    for each in found:
        now = each.figures
        rms = [" and ".join(number(now.drift[name][v]) for name in SIDES) for v in ("thetao", "so")]
        lines.append(
            (
                each.case.name,
                "yes" if now.verified else "no",
                number(now.error),
                number(now.apart["thetao"]),
                number(now.remaining["thetao"]) if now.remaining else "–",
                number(now.bound),
                *rms,
                " and ".join(_signed(now.signed[name]) for name in SIDES),
                now.second,
                number(each.years),
                number(each.cpu_seconds),
            )
        )
    return Comparison(header, tuple(lines))


def words_below(found: Sequence[Reference], settings: ReferenceSettings) -> list[str]:
    """Return what the table's columns mean."""
    out = [
        "Within the limits: over the last 30 years, all of the plain model, the level means of either side drift "
        f"by at most {settings.drift_thetao:g} K and {settings.drift_so:g} psu a decade (rms over the volume), and the "
        f"sides' means lie within {settings.apart_thetao:g} K and {settings.apart_so:g} psu (rms).",
        "Error: the larger of the sides' distance and of what is still ahead of their mean by the map of changes; at "
        "most: if all of their change belonged to its slowest mode. "
        "Signed drifts: of the cold side and of the other along what parts them, positive from cold to other; they "
        "point at each other if they are + and –.",
    ]
    for each in found:
        now = each.figures
        if each.folding is not None:
            out.append(
                f"{each.case.name}: what is left of the plain cold start decays with an e-folding time of "
                f"{each.folding:.0f} years; the other side began at least as far beyond its end."
            )
        where = "it has not begun" if not now.middle else f"{number(now.middle['thetao'])} K from the sides' mean"
        if now.middle_ahead:
            where += f", and its change leads to {number(now.middle_ahead['thetao'])} K from it"
        first = each.rounds[0].figures.secant
        if first.rate > 0:
            out.append(
                f"{each.case.name}: after {each.rounds[0].years} years the sides "
                + ("drift towards each other" if first.opposite else "drift the same way")
                + f", their gap closes with an e-folding time of {WINDOW / first.rate:.0f} years, and the secant puts "
                f"their meeting point at {first.share:.2f} of the way from the cold side to the other."
            )
        out.append(f"{each.case.name}: the run from the mean of the sides: {where}; second equilibrium: {now.second}.")
    return out


def write_references(
    found: Sequence[Reference], settings: ReferenceSettings, about: Mapping[str, object], folder: Path
) -> str:
    """Write ``references.md``, ``report.html`` and a picture in each forcing's folder; return the Markdown.

    Args:
        found: The equilibria.
        settings: Their limits.
        about: Facts for the foot of the page.
        folder: Where; older files are replaced.
    """
    table, words = reference_table(found), words_below(found, settings)
    markdown = table.to_markdown() + "\n" + "\n".join(f"{line}\n" for line in words)
    sections = [Section("Known equilibria", tuple(words), table=Table.of(table))]
    for each in found:
        figure = curves(each, settings)
        figure.savefig(folder / each.case.name / "approach.png", dpi=DPI, facecolor="white")
        forcing = ", ".join(f"{k.replace('_', ' ')} {v:g}" for k, v in asdict(each.case.forcing).items())
        sections += pictured(
            each.case.name,
            f"{forcing}. Other side: {each.case.other_words}. Dots: extrapolations. Dotted: limits.",
            "Curves of mean temperature, distance from the equilibrium and drift against model years, for the cold "
            "side, the other side and the run from their mean.",
            figure,
        )
    lead = (
        "Veros, DINO without weather: two runs from opposite sides and one from their mean, extrapolated and verified."
    )
    page = Page(
        "Known equilibria", [lead], sections=sections, provenance=dict(about), files="All figures: reference.json."
    )
    files.write_text(folder / "references.md", markdown)
    files.write_text(folder / "report.html", render(page))
    return markdown


def curves(found: Reference, settings: ReferenceSettings) -> Figure:
    """Draw the approach of the runs against model years; where one was extrapolated its curve has a dot."""
    figure, panels = panel_grid(len(_PANELS), height=3.6, width=11.5)
    lines = list(approach(found))
    for axes, (name, label, limit) in zip(panels, _PANELS, strict=True):
        for run in found.runs:
            mine = [line for line in lines if line["run"] == run]
            axes.plot([m["years"] for m in mine], [m[name] for m in mine], color=_COLOURS[run], lw=1.4, label=run)
            set_down = [m for m in mine if m["began"] in ("secant", "jump", "shortened")]
            axes.plot([m["years"] for m in set_down], [m[name] for m in set_down], "o", ms=4, color=_COLOURS[run])
        if limit:
            axes.axhline(getattr(settings, limit), color=TEXT, lw=0.8, ls=":")
            axes.set_yscale("log")
        name_axes(axes, x="model years", y=label)
    handles, names = figure.axes[0].get_legend_handles_labels()
    figure.legend(handles, names, loc="outside upper center", ncols=3, fontsize=7, frameon=False, labelcolor=TEXT)
    return figure


def _signed(value: float) -> str:
    return ("+" if value > 0 else "–" if value < 0 else "") + number(abs(value))
