"""The page of ocean states."""

from collections.abc import Mapping
from typing import Any

from halocline.evaluate.engine.scorecard import Scorecard
from halocline.report.ice import maps
from halocline.report.ocean import curves
from halocline.report.ocean.sections import sections as zonal_sections
from halocline.report.page import Page, Section, pictured
from halocline.report.states import lead_words, states_page

TILES = (
    ("energy", "all"),
    ("density_error_surface_strict", "all"),
    ("density_error_local_strict", "all"),
    ("spread_levels_mean", "thetao"),
    ("spread_cells_mean", "thetao"),
    ("water_mass_deep", "thetao"),
    ("water_mass_bottom", "thetao"),
    ("copies", "all"),
)
_FLOORS = {
    "years": "the same score of real states against real states of the same members, other years",
    "members": "the same score of real states against real states of members under other forcing",
}


def page(card: Scorecard, title: str, provenance: Mapping[str, Any]) -> Page:
    """Return the page; a scorecard without pictures gives the tables only."""
    about = card.about
    held = " + ".join(map(str, about.get("held_out_states") or []))
    against = f"{held} real ones of member(s) {', '.join(map(str, about['held_out_members']))}"
    lead = lead_words(about, against, _FLOORS.get(about["floor"], ""))
    found = [] if card.pictures is None else sections(card)
    return states_page(card, title, provenance, lead=lead, tiles=TILES, sections=found)


def sections(card: Scorecard) -> list[Section]:
    """Return the sections of figures, in the order of the page."""
    pictures = card.pictures
    names = ", ".join(pictures.channels)
    return [
        *pictured(
            "The surface",
            "Left: the first generated states, not chosen. Right: for each, the real state with the nearest mean "
            "surface temperature. One colour scale per row; land is grey.",
            f"Surface maps of {names}: some generated states, and beside them real ones of like temperature.",
            maps.gallery(pictures),
        ),
        *pictured(
            "Surface climate",
            "Mean and standard deviation per cell over all states, and the difference generated minus real.",
            f"Surface maps of mean and standard deviation of {names}: generated, real, and their difference.",
            maps.climatology(pictures),
        ),
        *pictured(
            "Zonal sections",
            "Mean over all states and along rows of the grid, by volume. Grey: rock.",
            "Sections of temperature and salinity along latitude and depth: generated, real, and their difference.",
            zonal_sections(pictures),
        ),
        *pictured(
            "Profiles",
            "Mean of each level. Lines: mean over the states; bands: the middle 90 % of the states.",
            "Curves of the level means of temperature and salinity against depth, generated and real, with bands.",
            curves.profiles(pictures),
        ),
        *pictured(
            "Spread",
            "Standard deviation over the states, as a ratio to that of the real ones: of the level means, and of "
            "cells. Dark band: 90 % interval of the floor. Left of 1 the states are too much alike.",
            "Curves of the ratio of spreads, generated over real, against depth, for temperature and salinity.",
            curves.spreads(pictures, card.rows),
        ),
        *pictured(
            "Density error",
            "Share of the volume that lies denser water above lighter, by the depth of comparison and the tolerance. "
            "Whiskers: 90 % intervals. The model's own states have some, too.",
            "Bars of the density error by depth of comparison and tolerance, real beside generated, with whiskers.",
            curves.density_errors(card.rows),
        ),
        *pictured(
            "Water masses",
            "Volume by temperature and salinity (colour: root of the share, so that small volumes show), with lines of "
            "density at the surface (kg m⁻³ above 1000).",
            "Volume by temperature and salinity: generated, real, and their difference, with lines of density.",
            curves.water(pictures),
        ),
    ]
