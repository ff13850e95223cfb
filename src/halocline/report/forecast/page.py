"""The page of a forecast: curves by lead beside the reference forecasts, maps, a film, the climate of long runs."""

from collections.abc import Mapping
from itertools import groupby
from typing import Any

from halocline.evaluate.forecast.card import ForecastCard
from halocline.evaluate.forecast.longrun_series import LongRun
from halocline.evaluate.forecast.pictures import ForecastPictures
from halocline.report.forecast import curves, longrun_curves
from halocline.report.forecast.film import film
from halocline.report.forecast.maps import forecast_maps
from halocline.report.forecast.table import long_lines, main_lines, table_leads
from halocline.report.numbers import number
from halocline.report.page import Page, Section, Table, pictured
from halocline.report.states import tiles_of_spectra


def page(card: ForecastCard, title: str, provenance: Mapping[str, Any]) -> Page:
    """Return the page: film, figures by lead, the long run, main scores."""
    return Page(
        title,
        _lead(card),
        card.about["notes"],
        sections=[*_film(card.pictures), *sections(card), *_long_scores(card), *_main_scores(card)],
        provenance={**provenance, **_facts(card.about)},
    )


def sections(card: ForecastCard) -> list[Section]:
    """Return the sections of figures, in the order of the page."""
    short = [] if card.pictures is None else _short(card, card.pictures)
    return [*short, *([] if card.long_run is None else _long(card, card.long_run))]


def _film(pictures: ForecastPictures | None) -> list[Section]:
    if pictures is None:
        return []
    what = curves.words(pictures.film.name)
    alt = f"Film over the leads of {what}: the truth, and the first member beside it."
    return pictured(
        "The forecast", f"{what}: truth, and the first member.", alt, film(pictures.film, pictures.grid.mask)
    )


def _long_scores(card: ForecastCard) -> list[Section]:
    lines = [] if card.long_run is None else long_lines(card)
    header, classes = ("", "value", "90 %", "truth", "unit"), ("", "num", "range", "num", "")
    table = Table(header, [("", lines)], classes)
    return [Section("Scores of the long run", ("Single months: scores.csv.",), table=table)] if lines else []


def _main_scores(card: ForecastCard) -> list[Section]:
    days = [f"day {hours / 24:g}" for hours in table_leads(card)]
    groups = []
    for name, lines in groupby(main_lines(card), key=lambda line: line.name):
        group = [("", x.source, *x.cells, x.truth, x.unit) for x in lines]
        groups.append(("", [(name, *group[0][1:]), *group[1:]]))
    words = (
        'With 90 % intervals from resampling the starts. "Truth": what the truth itself would get. All scores, leads '
        "and sources in SI units: scores.csv, scores.json."
    )
    table = Table(("", "of", *days, "truth", "unit"), groups, ("", "", *["num"] * len(days), "num", ""))
    return [Section("Main scores", (words,), table=table)] if groups else []


def _short(card: ForecastCard, pictures: ForecastPictures) -> list[Section]:
    found = [
        *pictured(
            "Error of the ensemble mean",
            "Root-mean-square error over all ocean cells against lead. Band: 90 % interval from resampling the starts. "
            "Other years: real states of the same day, which know nothing of the start.",
            "Curves of the root-mean-square error against lead, a panel a variable: forecasts and reference forecasts.",
            curves.by_lead(card, "rmse_ocean"),
        ),
        *pictured(
            "Fair CRPS",
            "Error of the whole distribution, for single states the mean absolute error; over all ocean cells.",
            "Curves of the fair CRPS against lead, a panel a variable: forecasts and reference forecasts.",
            curves.by_lead(card, "crps_ocean"),
        ),
        *pictured(
            "Spread",
            "Left: spread of the members over the error of their mean, with the correction for their number. Right: "
            "how often the truth lies outside all members, over how often it should. 1 is right; green: 0.8 to 1.2. "
            "Over the cells with ice in the climate of the day.",
            "Curves against lead of spread over error, and of how often the truth lies outside the ensemble.",
            curves.reliability(card),
        ),
        *pictured(
            "Rank histograms",
            "Where the truth lies among the members, by area, over the share of a flat histogram (line). A valley: too "
            "narrow; a slope: a bias. Ties are broken at random.",
            "Bars of the rank of the truth among the members, a row a lead and a column a variable.",
            curves.rank_histograms(pictures),
        ),
        *pictured(
            "Ice edge, extent and marginal ice zone",
            "Ice-edge error: area where forecast and truth disagree on a concentration above 0.15. Too much plus too "
            "little ice; or an error of the extent plus ice in the wrong place.",
            "Curves against lead of the ice-edge error and its parts, and of the biases of extent, marginal ice "
            "zone and volume.",
            curves.edge(card),
        ),
        *pictured(
            "Spectra",
            "Power over that of the truth. Full: members; dotted: ensemble mean, which must smooth. Members below 1 at "
            "short wavelengths are too smooth.",
            "Curves of power over the truth's against wavelength, a panel a variable: members and ensemble mean.",
            curves.spectra(pictures),
        ),
        *pictured(
            "Deformation",
            "Share of the ice-covered area that deforms faster than a rate. Leads and ridges are the straight tails.",
            "Curves of the share of the ice that deforms faster than a rate: truth, members and ensemble mean.",
            curves.deformation(pictures),
        ),
    ]
    for heading, name in (("Concentration", "sic"), ("Thickness", "sit"), ("Drift speed", "speed")):
        drawn = forecast_maps(pictures.frames, pictures.grid, pictures.channels, name)
        alt = f"Maps of {heading.lower()} at some leads, one start: truth, ensemble mean, members and their spread."
        found += pictured(
            heading, "One start. Truth, mean and members on one scale; the spread on its own.", alt, drawn
        )
    return found


def _long(card: ForecastCard, run: LongRun) -> list[Section]:
    return [
        *pictured(
            "Seasonal cycle of the long run",
            "Monthly means over all years. Band: middle 90 % of the single member-years of the simulator.",
            "Curves of the monthly means of extent, area, marginal ice zone and volume: truth and members.",
            longrun_curves.seasonal_cycles(run),
        ),
        *pictured(
            "Month by month",
            "Mean of each month over the truth's; green: within 10 %. Band: 90 % interval from resampling the years. "
            "Grey: the simulator's member-years.",
            "Curves of each month's mean over the truth's, a panel a number.",
            longrun_curves.month_ratios(card),
        ),
        *pictured(
            "All years",
            "Monthly means of the members and of the truth under the same weather.",
            "Curves of extent and volume, month by month over all years.",
            longrun_curves.all_years(run),
        ),
    ]


def _lead(card: ForecastCard) -> list[str]:
    about = card.about
    first = f"{about['starts']} start(s), {about['members']} member(s), up to {number(about['last_lead_days'])} days, "
    first += "against the states of the reference at the same times."
    others = [name for name in card.sources[1:] if name != "other years"]
    others += ["real states of other years"] if "other years" in card.sources else []
    words = f"{', '.join(others[:-1])} and {others[-1]}" if len(others) > 1 else "".join(others)
    return [first, f"Beside it: {words}."] if others else [first]


def _facts(about: Mapping[str, Any]) -> dict[str, Any]:
    control = about.get("rotation_control")
    facts = {
        "grid": f"{about['grid']} ({about['grid_fingerprint']})",
        "reference fingerprint": about["reference_fingerprint"],
        "climate fingerprint": about["climate_fingerprint"],
        "resampling": f"{about['replicates']} replicates, seed {about['seed']}",
        "rotation control of deformation": None if control is None else f"changes by {control:.1e} of the largest rate",
        "spectra": tiles_of_spectra(about),
        **{f"forecast: {name.replace('_', ' ')}": text for name, text in about["forecast_provenance"].items()},
    }
    return {name: fact for name, fact in facts.items() if fact}
