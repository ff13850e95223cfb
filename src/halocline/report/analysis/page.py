"""The page on an analysis: one self-contained HTML file."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import xarray as xr

from halocline.analysis.by_kind import Row, by_kind, groups_of
from halocline.data.fields.variables import variable
from halocline.data.files.open import read_dataset
from halocline.evaluate.engine.crps import fair_crps
from halocline.evaluate.engine.ranks import ranks
from halocline.report.analysis import figures
from halocline.report.numbers import number
from halocline.report.page import Page, Section, Table, pictured, render
from halocline.runtime import files, keyed
from halocline.runtime.errors import InputError

Truth = dict[str, np.ndarray]


def write_page(beside: xr.Dataset, folder: Path, *, states: Path | xr.Dataset, truth: Truth | None = None) -> Path:
    """Write ``report.html`` into a folder and return its path.

    Args:
        beside: The observations with what prior and posterior predict, as ``analyse`` returns them.
        folder: Made if it does not exist.
        states: The posterior.
        truth: The state that was observed, see ``read_truth``; None if it is not known.
    """
    dataset = states if isinstance(states, xr.Dataset) else read_dataset(states)
    path = Path(folder) / "report.html"
    files.write_text(path, render(page(beside, dataset, truth)))
    return path


def page(beside: xr.Dataset, states: xr.Dataset, truth: Truth | None) -> Page:
    """Return the page."""
    wet = states["mask"].values > 0
    names = [str(n)[: -len("_mean_after")] for n in beside.data_vars if str(n).endswith("_mean_after")]
    groups = groups_of(beside)
    members, prior = beside.sizes["member"], _ranks_of_observations(beside, groups)
    sections = [
        Section(
            "What each kind of observation did",
            (
                "Root-mean-square innovation of the mean, and mean of innovation^2 over error^2 + spread^2: 1 before "
                "if prior and stated errors are right; after, the observations have been used, and it is below 1.",
            ),
            table=_table(by_kind(beside)),
        ),
        *pictured(
            "Innovations",
            "Observation minus mean, in units of the observation's error.",
            "Histograms of innovations of prior and posterior, a panel for each kind of observation.",
            figures.innovations(beside, groups),
        ),
        *pictured(
            "Ranks of the observations in the prior",
            "Where each observation lies among the members of the prior with its error added, ties at bounds broken at "
            "random: flat if the prior holds what was observed.",
            "Histograms of ranks, a panel for each kind of observation.",
            figures.ranks({name: (rank, members) for name, rank in prior.items()}),
        ),
        Section(
            "Increments",
            ("Mean and spread of the members before and after; each row has its own scale, spreads share one.",),
            pictures=pictured(
                "",
                "",
                "Maps of means, increments and spreads of each variable.",
                figures.increments(beside, names, wet),
            )[0].pictures,
        ),
        *([] if truth is None else _against(states, truth, beside, wet)),
    ]
    lead = [
        f"{members} members by the method {beside.attrs.get('halocline_analysis_method', '')}, given "
        f"{beside.sizes['observation']} observations. The prior is what the model draws for the date: a "
        "climatology, not a forecast.",
    ]
    about = {k.removeprefix("halocline_"): v for k, v in beside.attrs.items() if k.startswith("halocline_")}
    return Page("What the observations did", lead, sections=sections, provenance=about)


def read_truth(source: Path | xr.Dataset, names: Sequence[str], shape: tuple[int, int]) -> Truth:
    """Return the variables (y, x) of one state.

    Args:
        source: A file of one state.
        names: Variables of the model; those that the file has are read.
        shape: Cells (y, x) of the model's grid.

    Raises:
        InputError: If it has other cells, several states, or none of the variables.
    """
    dataset = source if isinstance(source, xr.Dataset) else read_dataset(source)
    dataset = dataset.squeeze([d for d in dataset.dims if dataset.sizes[d] == 1 and d not in ("y", "x")], drop=True)
    held = {n: np.asarray(dataset[n].values) for n in names if n in dataset}
    if not held or any(v.shape != shape for v in held.values()):
        raise InputError(
            "truth",
            found=", ".join(f"{n} {v.shape}" for n, v in held.items()) or f"none of {', '.join(names)}",
            expected=f"one state of {', '.join(names)} on {shape[0]} x {shape[1]} cells",
            remedy="Give a file of the one state that was observed, on the model's grid.",
        )
    return held


def _against(states: xr.Dataset, truth: Truth, beside: xr.Dataset, wet: np.ndarray) -> list[Section]:
    """Return the sections on the truth: errors and spread, ranks, spread against error."""
    random, found, rank, lines = keyed.generator(0, "ranks"), {}, {}, []
    for name, real in truth.items():
        members, real = states[name].values[:, wet].astype(np.float64), real[wet].astype(np.float64)
        variance, squared = members.var(axis=0, ddof=1), (members.mean(axis=0) - real) ** 2
        before = beside[f"{name}_mean_before"].values[wet] - real
        found[name], rank[name] = (variance, squared), (ranks(members, real, random), len(members))
        wide = np.sqrt(variance.mean() * (1 + 1 / len(members)))
        rmse, crps = np.sqrt(squared.mean()), fair_crps(members, real).mean()
        cells = (np.sqrt((before**2).mean()), rmse, wide, wide / max(rmse, 1e-12), crps)
        lines.append((name, variable(name).unit, *(number(float(c)) for c in cells)))
    header = ("variable", "unit", "error before", "error after", "spread after", "spread / error", "CRPS")
    return [
        Section(
            "Against the truth",
            ("Root-mean-square over ocean cells.",),
            table=Table(header, [("", lines)], ("", "", *("num",) * 5)),
        ),
        *pictured(
            "Ranks of the truth",
            "Where the truth lies among the members, cell by cell, ties at bounds broken at random. Cells of one state "
            "depend on each other: a slope of one case tells little.",
            "Histograms of ranks, a panel for each variable.",
            figures.ranks(rank),
        ),
        *pictured(
            "Spread against error",
            "Cells in classes of the members' spread.",
            "Error of the mean over spread, a panel for each variable.",
            figures.spread_against_error(found),
        ),
    ]


def _ranks_of_observations(beside: xr.Dataset, groups: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    random, value, sigma = keyed.generator(0, "ranks of observations"), beside["value"].values, beside["sigma"].values
    out = {}
    for name, rows in groups.items():
        members = beside["before"].values[:, rows].astype(np.float64)
        noisy = members + sigma[rows] * random.standard_normal(members.shape)
        side = beside["censored"].values[rows]
        noisy = np.where(
            side < 0, np.maximum(noisy, value[rows]), np.where(side > 0, np.minimum(noisy, value[rows]), noisy)
        )
        out[name] = ranks(noisy, value[rows], random)
    return out


def _table(rows: list[Row]) -> Table:
    header = ("observations", "of", "rows", "before", "after", "their error", "chi2 before", "chi2 after")
    lines = [
        (r.kind, r.variable, str(r.count), *map(number, (r.before, r.after, r.sigma, r.chi_before, r.chi_after)))
        for r in rows
    ]
    return Table(header, [("", lines)], ("", "", *("num",) * 6))
