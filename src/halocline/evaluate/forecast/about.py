"""What a score card of a forecast tells besides scores: facts, and what to bear in mind."""

from typing import Any

from halocline.data.store.store import StateStore
from halocline.evaluate.engine.interval import LEVEL
from halocline.evaluate.forecast.families.base import with_ice
from halocline.evaluate.forecast.file import Forecast
from halocline.evaluate.forecast.pairs import Pairs
from halocline.evaluate.forecast.rate import LEAST_STARTS


def facts_of(forecast: Forecast, reference: StateStore, climate: StateStore, notes: list[str]) -> dict[str, Any]:
    """Return what a card tells about its forecast and stores, and the first of its notes."""
    given = forecast.dataset.attrs.get("provenance", {})
    own = {str(k): v for k, v in given.items() if isinstance(v, str | int | float)} if isinstance(given, dict) else {}
    return {
        "kind": "forecast",
        "forecast": forecast.name,
        "variables": [name for name in forecast.channels if name in reference.channels],
        "starts": forecast.starts,
        "members": forecast.members,
        "last_lead_days": float(forecast.lead_hours[-1]) / 24.0,
        "interval": LEVEL,
        "grid": reference.grid.name,
        "grid_fingerprint": reference.grid.fingerprint(),
        "reference_fingerprint": reference.fingerprint,
        "climate_fingerprint": climate.fingerprint,
        "forecast_provenance": own,
        "notes": notes,
    }


def notes_of(pairs: Pairs, forecast: Forecast, leads: list[int]) -> list[str]:
    """Return what a reader of the scores must know: of starts, members, leads and variables."""
    notes = []
    trained = int(pairs.trained.sum())
    if trained:
        notes.append(
            f"{trained} of {len(pairs.begin)} starts lie in training years of the reference: no held-out test."
        )
    if forecast.draws.count < forecast.members:
        notes.append(
            f"The {forecast.members} members are {forecast.draws.count} independent draws (the others have "
            "opposite noise): spread, CRPS and ranks compare independent ones only."
        )
    if len(pairs.begin) < LEAST_STARTS:
        notes.append(f"{len(pairs.begin)} start(s): too few for intervals, and one weather situation proves little.")
    lost = [k for k in leads if not pairs.known[:, k].all()]
    if lost:
        days = pairs.lead_hours[lost[0]] / 24.0
        notes.append(f"From day {days:g} on some starts reach beyond the store; they are left out there.")
    if not with_ice(pairs.channels):
        notes.append("No sea ice in the forecast: no scores of the ice edge and cover, nor of the region with ice.")
    left = [name for name in forecast.channels if name not in pairs.channels]
    if left:
        notes.append(f"Not in the reference, so not scored: {', '.join(left)}.")
    return notes
