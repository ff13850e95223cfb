"""What a forecast report draws besides scores: states, rank histograms, spectra and deformation by lead, a film."""

from dataclasses import dataclass, field

import numpy as np

from halocline.data.grids.grid import Grid
from halocline.evaluate.forecast.pairs import Pairs
from halocline.evaluate.forecast.references import Scored

MAP_DAYS = (0.0, 1.0, 3.0, 5.0, 10.0)
_FILM_FRAMES = 61


@dataclass(frozen=True, eq=False)
class Frames:
    """States of one start at some leads, land = 0.

    Attributes:
        hours: Valid time of the start, hours since 2000-01-01.
        lead_hours: (lead,).
        truth: (lead, channel, y, x).
        mean: Ensemble mean (lead, channel, y, x).
        spread: Standard deviation of the members (lead, channel, y, x); 0 with one member.
        members: The first two members, or the only one (lead, member, channel, y, x).
    """

    hours: int
    lead_hours: np.ndarray
    truth: np.ndarray
    mean: np.ndarray
    spread: np.ndarray
    members: np.ndarray


@dataclass(frozen=True, eq=False)
class Film:
    """One variable of truth and first member at every lead.

    Attributes:
        name: The variable.
        lead_hours: (lead,).
        truth: (lead, y, x).
        member: (lead, y, x).
    """

    name: str
    lead_hours: np.ndarray
    truth: np.ndarray
    member: np.ndarray


@dataclass(frozen=True, eq=False)
class Shapes:
    """Curves of forecast and truth at one lead: shares or power, not unlike a histogram.

    Attributes:
        truth: (variable, bin).
        forecast: Mean over members (variable, bin).
        mean: Of the ensemble mean (variable, bin); equal to ``forecast`` with one member.
    """

    truth: np.ndarray
    forecast: np.ndarray
    mean: np.ndarray


@dataclass(eq=False)
class ForecastPictures:
    """Everything drawn from fields, gathered while scores are computed.

    Attributes:
        grid: The grid.
        channels: Variables, in order.
        frames: Maps of the first start that has a truth at most leads.
        film: Its film.
        ranks: Rank histograms (channel, rank) by lead hours, area shares.
        wavelengths: Of the spectra (ring,), metres, rings 1 to Nyquist; empty without tiles.
        spectra: Power by lead hours, (channel, ring).
        edges: Bins of total deformation (bin + 1,), s-1; empty without drift.
        deformation: Shares of the ice-covered area by lead hours, (1, bin).
    """

    grid: Grid
    channels: tuple[str, ...]
    frames: Frames
    film: Film
    ranks: dict[float, np.ndarray] = field(default_factory=dict)
    wavelengths: np.ndarray = field(default_factory=lambda: np.zeros(0))
    spectra: dict[float, Shapes] = field(default_factory=dict)
    edges: np.ndarray = field(default_factory=lambda: np.zeros(0))
    deformation: dict[float, Shapes] = field(default_factory=dict)


def nearest_leads(lead_hours: np.ndarray, days: tuple[float, ...]) -> list[int]:
    """Return the leads at the given days, where there is one within a quarter of a day or a tenth of the lead."""
    found = []
    for day in days:
        k = int(np.argmin(np.abs(lead_hours - 24.0 * day)))
        if abs(lead_hours[k] - 24.0 * day) <= max(6.0, 2.4 * day):
            found.append(k)
    return list(dict.fromkeys(found))


def draw_frames(pairs: Pairs, source: Scored, leads: list[int]) -> Frames:
    """Read the states of the start with most truths, at those of ``leads`` where it has one."""
    start = int(np.argmax(pairs.known.sum(axis=1)))
    shown = [k for k in nearest_leads(pairs.lead_hours, MAP_DAYS) if k in leads and pairs.known[start, k]]
    shown = shown or [k for k in (leads[0], leads[-1]) if pairs.known[start, k]]
    states = [source.read(start, k) for k in shown]
    return Frames(
        hours=int(pairs.store.hours[pairs.begin[start]]),
        lead_hours=pairs.lead_hours[shown],
        truth=np.stack([pairs.truth(start, k) for k in shown]),
        mean=np.stack([state.mean(axis=0) for state in states]),
        spread=np.stack([state.std(axis=0, ddof=1) if len(state) > 1 else 0.0 * state[0] for state in states]),
        members=np.stack([state[:2] for state in states]),
    )


def draw_film(pairs: Pairs, source: Scored, leads: list[int]) -> Film:
    """Read concentration (or the first variable) of the same start at every lead, thinned to some sixty frames."""
    start = int(np.argmax(pairs.known.sum(axis=1)))
    there = [k for k in leads if pairs.known[start, k]]
    there = there[:: -(-len(there) // _FILM_FRAMES)]
    name = "sic" if "sic" in pairs.channels else pairs.channels[0]
    place = pairs.channels.index(name)
    return Film(
        name=name,
        lead_hours=pairs.lead_hours[there],
        truth=np.stack([pairs.truth(start, k)[place] for k in there]),
        member=np.stack([source.read(start, k)[0, place] for k in there]),
    )
