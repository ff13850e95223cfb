"""The page of sea-ice states."""

from collections.abc import Mapping
from typing import Any

from halocline.evaluate.engine.scorecard import Scorecard
from halocline.evaluate.ice.pictures import Pictures
from halocline.report.ice import curves, maps, pack
from halocline.report.page import Page, Section, pictured
from halocline.report.states import lead_words, states_page

TILES = (
    ("frechet", "all"),
    ("ice_extent", "all"),
    ("ice_volume", "all"),
    ("miz_area", "all"),
    ("miz_width", "all"),
    ("pack_psd_ratio_2_4", "sid"),
    ("pack_coherence", "log_open_water"),
    ("zero_mismatch", "sit"),
    ("copies", "all"),
)


def page(card: Scorecard, title: str, provenance: Mapping[str, Any]) -> Page:
    """Return the page; a scorecard without pictures gives the tables only."""
    held = card.about.get("held_out_states") or []
    halves = f" ({' + '.join(map(str, held))} of different member-years)" if all(held) else ""
    against = f"{sum(held)} held-out real ones{halves}"
    lead = lead_words(card.about, against, "the same score of real states against real states of other years")
    found = [] if card.pictures is None else sections(card.pictures)
    return states_page(card, title, provenance, lead=lead, tiles=TILES, sections=found)


def sections(pictures: Pictures) -> list[Section]:
    """Return the sections of figures, in the order of the page."""
    names = ", ".join(pictures.channels)
    return [
        *pictured(
            "States",
            "Left: the first generated states, not chosen. Right: for each, the held-out state with the nearest ice "
            "extent. One colour scale per row; land is grey.",
            f"Maps of {names}: some generated states, and beside them held-out states of like extent.",
            maps.gallery(pictures),
        ),
        *pictured(
            "Pack",
            "The same states close up: open water as log10(1 - sic + 0.0001) and damage as -log10(1 - sid + 0.001), "
            "where concentration is above 0.15; all else is grey. Leads and cracks are dark lines in pale ice, and "
            "damage has lines of its own: a wash, or blobs of single cells, is what power alone does not tell.",
            "Maps of open water and damage in log scale in the pack: some generated states, and beside them held-out "
            "states of like extent.",
            pack.close_ups(pictures),
        ),
        *pictured(
            "Climate",
            "Mean and standard deviation per cell over all states, and the difference generated minus held-out.",
            f"Maps of mean and standard deviation of {names}: generated, held-out, and their difference.",
            maps.climatology(pictures),
        ),
        *pictured(
            "Spectra",
            "Isotropic power on Hann-windowed tiles of open ocean. Band: 90 % interval of the held-out states. A "
            "generated curve that falls below the band at short wavelengths is too smooth.",
            f"Curves of power against wavelength of {names}, generated and held-out, and their ratio below.",
            curves.spectra(pictures),
        ),
        *pictured(
            "Histograms",
            "Area-weighted distribution over all ocean cells and states, without the values exactly at a bound; their "
            "shares are the bars at the ends (right axis). High peaks are cut; drift without ice is left out. Band: "
            "90 % interval of the held-out states.",
            f"Histograms of {', '.join(pictures.histograms)}: generated and held-out, with a band.",
            curves.histograms(pictures),
        ),
        *pictured(
            "Ice cover",
            "Distribution over the states of the numbers that sum up an ice cover.",
            "Histograms over the states of extent, area, marginal ice zone, volume and deformation, generated and "
            "held-out.",
            curves.series(pictures) if pictures.series else None,
        ),
        *pictured(
            "Copy test",
            "Distances are taken between anomalies, the seasonal cycle projected out. A copy of a training state has a "
            "ratio near 0; below one third a state is called a copy. Right: the generated state with the lowest ratio, "
            "beside the training state nearest to it.",
            "Histograms of the distance to the nearest over that to the second-nearest training state, generated "
            "and held-out.",
            curves.copy_ratios(pictures),
            (
                f"Maps of {names}: the generated state most like a training state, and that training state.",
                maps.twins(pictures),
            ),
        ),
    ]
