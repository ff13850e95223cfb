"""Figures of a forecast's page as picture files for the docs."""

from collections.abc import Mapping
from pathlib import Path

from halocline.evaluate.forecast.card import ForecastCard
from halocline.report.forecast.page import sections


def save_figures(card: ForecastCard, folder: Path, names: Mapping[str, str]) -> None:
    """Write figures of a card's page, found by their heading, under the names given."""
    folder.mkdir(parents=True, exist_ok=True)
    for section in sections(card):
        for picture in section.pictures:
            if section.heading in names and not isinstance(picture.figure, str):
                picture.figure.savefig(folder / names[section.heading], dpi=80, pil_kwargs={"optimize": True})
