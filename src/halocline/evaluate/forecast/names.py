"""Names under which forecasts stand in tables: none is that of a reference forecast, and no two are alike."""

from collections.abc import Sequence
from dataclasses import replace

from halocline.evaluate.forecast.file import Forecast
from halocline.evaluate.forecast.rate import slug
from halocline.evaluate.forecast.references import REFERENCES
from halocline.evaluate.forecast.scoring import MEAN
from halocline.runtime.errors import InputError


def named_apart(forecasts: Sequence[Forecast]) -> tuple[list[Forecast], list[str]]:
    """Return the forecasts, " (file)" behind the name of those that are called like a reference forecast, and notes.

    Names are alike if they differ in nothing but upper case, blanks and signs: ids of scores are made of them.

    Args:
        forecasts: The one that is scored, then those beside it.

    Raises:
        InputError: If two are called alike.
    """
    reserved = {slug(name) for name in (*REFERENCES, MEAN)}
    found = [replace(f, name=f"{f.name} (file)") if slug(f.name) in reserved else f for f in forecasts]
    for k, forecast in enumerate(found):
        for other in found[:k]:
            if _key(forecast.name) == _key(other.name):
                first = "the forecast that is scored" if other is found[0] else "another forecast beside it"
                raise InputError(
                    f"name '{forecasts[k].name}' of a forecast beside",
                    found=f"that {first} is called '{other.name}', too",
                    expected="names that differ in letters or digits; a forecast is called like its file, one beside "
                    "like its NAME",
                    remedy=f"Call it something else: --beside other-{slug(forecast.name) or 'forecast'}=FILE.",
                )
    notes = [
        f"The forecast given as '{old.name}' is called '{new.name}' here: '{old.name}' is a name of this table's own."
        for old, new in zip(forecasts, found, strict=True)
        if old.name != new.name
    ]
    return found, notes


def _key(name: str) -> str:
    """Return the part of a name that ids are made of; the name itself where that is nothing."""
    return slug(name) or name
