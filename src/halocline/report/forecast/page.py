"""The page of a forecast: curves by lead beside what has to be beaten, maps, a film, and the climate of long runs."""

from collections.abc import Mapping
from importlib.resources import files as resources
from pathlib import Path
from typing import Any

import jinja2
from matplotlib.figure import Figure

from halocline.evaluate.forecast.card import ForecastCard
from halocline.report.figures import Shown
from halocline.report.forecast import curves as forecast_curves
from halocline.report.forecast import longrun_curves
from halocline.report.forecast.film import film
from halocline.report.forecast.maps import forecast_maps
from halocline.report.forecast.table import long_lines, main_lines, table_leads
from halocline.report.numbers import number
from halocline.report.page import page_style, png
from halocline.runtime import files

_Section = tuple[str, str, *tuple[Figure | None, ...]]


def write_forecast_report(card: ForecastCard, out_dir: Path, title: str, provenance: Mapping[str, Any]) -> Path:
    """Write ``report.html``, ``scores.csv`` and ``scores.json`` into a folder and return the page's path.

    Args:
        card: From ``evaluate_forecast``.
        out_dir: The folder.
        title: Heading of the page.
        provenance: What was compared with what.

    Raises:
        OutputError: If the folder cannot be written.
    """
    out_dir = Path(out_dir)
    card.to_csv(out_dir / "scores.csv")
    card.to_json(out_dir / "scores.json")
    page = out_dir / "report.html"
    files.write_text(page, render_forecast(card, title, provenance))
    return page


def render_forecast(card: ForecastCard, title: str, provenance: Mapping[str, Any]) -> str:
    """Return the page as HTML, pictures inside."""
    source = resources("halocline.report").joinpath("forecast.html.j2").read_text(encoding="utf-8")
    environment = jinja2.Environment(autoescape=True, trim_blocks=True, lstrip_blocks=True)
    pictures = card.pictures
    return environment.from_string(source).render(
        title=title,
        style=page_style(),
        lead=_lead(card),
        notes=card.about["notes"],
        film=None if pictures is None else film(pictures.film, pictures.grid.mask),
        film_of="" if pictures is None else forecast_curves.words(pictures.film.name),
        figures=[
            {"heading": shown.heading, "words": shown.words, "images": [(text, png(f)) for text, f in shown.figures]}
            for shown in sections(card)
        ],
        days=[f"day {hours / 24:g}" for hours in table_leads(card)],
        lines=main_lines(card),
        long=long_lines(card),
        provenance={**provenance, **_facts(card.about)},
    )


def sections(card: ForecastCard) -> list[Shown]:
    """Return the figures of a card in the order of the page."""
    found = [*(_short(card) if card.pictures is not None else []), *(_long(card) if card.long_run is not None else [])]
    return [
        Shown(heading, words, tuple((heading, figure) for figure in figures if figure is not None))
        for heading, words, *figures in found
        if any(figure is not None for figure in figures)
    ]


def _short(card: ForecastCard) -> list[_Section]:
    pictures = card.pictures
    assert pictures is not None
    maps = [forecast_maps(pictures.frames, pictures.grid, pictures.channels, name) for name in ("sic", "sit", "speed")]
    return [
        (
            "Error of the ensemble mean",
            "Root-mean-square error over all ocean cells against lead. Band: 90 % interval from resampling the starts. "
            "Other years: real states of the same day, which know nothing of the start.",
            forecast_curves.by_lead(card, "RMSE", "ocean"),
        ),
        (
            "Fair CRPS",
            "Error of the whole distribution, for single states the mean absolute error; over all ocean cells.",
            forecast_curves.by_lead(card, "CRPS", "ocean"),
        ),
        (
            "Spread",
            "Left: spread of the members over the error of their mean, with the correction for their number. Right: "
            "how often the truth lies outside all members, over how often it should. 1 is right; green: 0.8 to 1.2. "
            "Over the cells with ice in the climate of the day.",
            forecast_curves.reliability(card),
        ),
        (
            "Rank histograms",
            "Where the truth lies among the members, by area, over the share of a flat histogram (line). A valley: too "
            "narrow; a slope: a bias. Ties are broken at random.",
            forecast_curves.rank_histograms(pictures),
        ),
        (
            "Ice edge, extent and marginal ice zone",
            "Ice-edge error: area where forecast and truth disagree on a concentration above 0.15. Too much plus too "
            "little ice; or an error of the extent plus ice in the wrong place.",
            forecast_curves.edge(card),
        ),
        (
            "Spectra",
            "Power over that of the truth. Full: members; dotted: ensemble mean, which must smooth. Members below 1 at "
            "short wavelengths are too smooth.",
            forecast_curves.spectra(pictures),
        ),
        (
            "Deformation",
            "Share of the ice-covered area that deforms faster than a rate. Leads and ridges are the straight tails.",
            forecast_curves.deformation(pictures),
        ),
        *(
            (heading, "One start. Truth, mean and members on one scale; the spread on its own.", figure)
            for heading, figure in zip(("Concentration", "Thickness", "Drift speed"), maps, strict=True)
        ),
    ]


def _long(card: ForecastCard) -> list[_Section]:
    run = card.long_run
    assert run is not None
    return [
        (
            "Seasonal cycle of the long run",
            "Monthly means over all years. Band: middle 90 % of the single member-years of the simulator.",
            longrun_curves.seasonal_cycles(run),
        ),
        (
            "Month by month",
            "Mean of each month over the truth's; green: within 10 %. Band: 90 % interval from resampling the years. "
            "Grey: the simulator's member-years.",
            longrun_curves.month_ratios(card),
        ),
        (
            "All years",
            "Monthly means of the members and of the truth under the same weather.",
            longrun_curves.all_years(run),
        ),
    ]


def _lead(card: ForecastCard) -> list[str]:
    about = card.about
    first = f"{about['starts']} start(s), {about['members']} member(s), up to {number(about['last_lead_days'])} days, "
    first += "against the states of the reference at the same times."
    others = [name for name in card.sources[1:] if name not in ("other years",)]
    return [first, f"Beside it: {', '.join([*others, 'and real states of other years'])}."] if others else [first]


def _facts(about: Mapping[str, Any]) -> dict[str, Any]:
    control = about.get("rotation_control")
    facts = {
        "grid": f"{about['grid']} ({about['grid_fingerprint']})",
        "reference fingerprint": about["reference_fingerprint"],
        "climate fingerprint": about["climate_fingerprint"],
        "resampling": f"{about['replicates']} replicates, seed {about['seed']}",
        "rotation control of deformation": None if control is None else f"changes by {control:.1e} of the largest rate",
        **{f"forecast: {name.replace('_', ' ')}": text for name, text in about["forecast_provenance"].items()},
    }
    if "spectrum_tiles" in about:
        facts["spectra"] = f"{about['spectrum_tiles']} tiles of {about['spectrum_tile_cells']} cells"
    return {name: fact for name, fact in facts.items() if fact}
