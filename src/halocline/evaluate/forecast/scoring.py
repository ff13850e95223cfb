"""All families of scores, for all sources: which apply at a lead, and what is made of what they give."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from halocline.data.grids.grid_layout import wet_of
from halocline.data.store.splits import samples_of
from halocline.data.store.store import StateStore
from halocline.evaluate.engine.draws import Draws
from halocline.evaluate.engine.family import in_order
from halocline.evaluate.engine.samples import read_states, thinned
from halocline.evaluate.forecast.card import ForecastRow
from halocline.evaluate.forecast.families import FORECAST_SCORES, ORDER, SHAPES
from halocline.evaluate.forecast.families.base import Ensembles
from halocline.evaluate.forecast.families.ranks import RankScores
from halocline.evaluate.forecast.family import ForecastFamily
from halocline.evaluate.forecast.lead import LeadInputs, LeadScores, Part
from halocline.evaluate.forecast.pictures import ForecastPictures, Shapes, draw_film, draw_frames, nearest_leads
from halocline.evaluate.forecast.rate import skill_rows
from halocline.evaluate.ice.cover import IceCover
from halocline.evaluate.ice.families.histograms import HistogramScores
from halocline.evaluate.ice.families.spectra import SpectrumScores
from halocline.evaluate.ice.quarter_turn import rotation_control
from halocline.evaluate.ice.tiles import tiles_for

SHAPE_DAYS = (0.0, 0.5, 1.0, 2.0, 3.0, 5.0, 7.0, 10.0, 15.0, 20.0, 30.0, 45.0)
"""Leads at which spectra, histograms and bounds are computed."""

MEAN = "ensemble mean"
"""Name under which spectra and histograms of the ensemble mean stand in the table."""


@dataclass(frozen=True, eq=False)
class Scoring:
    """Scores of all sources at one lead after another.

    Attributes:
        inputs: What the scores of a lead are made of.
        spectra: Tiles for spectra.
        histograms: Bins for distributions.
        seed: Seed of the ties in rank histograms.
    """

    inputs: LeadInputs
    spectra: SpectrumScores
    histograms: HistogramScores
    seed: int

    @classmethod
    def of(cls, inputs: LeadInputs, store: StateStore, seed: int) -> "Scoring":
        """Lay out bins over training states and the forecast's last states."""
        pairs, grid = inputs.pairs, inputs.pairs.store.grid
        training = read_states(store, thinned(samples_of(store, "train"), 64), pairs.channels).values
        last = int(np.flatnonzero(pairs.known.any(axis=0))[-1])
        own = inputs.sources[0].read(int(np.flatnonzero(pairs.known[:, last])[0]), last)
        histograms = HistogramScores.over(*(IceCover(states, grid, pairs.channels) for states in (training, own)))
        wet = np.logical_and.reduce(wet_of(pairs.channels, grid))
        return cls(inputs, SpectrumScores(pairs.channels, tiles_for(grid, wet)), histograms, seed)

    def pictures(self, leads: list[int]) -> ForecastPictures:
        """Return pictures with maps and film, the curves still empty."""
        spectrum, pairs, forecast = self.spectra.spectrum, self.inputs.pairs, self.inputs.sources[0]
        found = ForecastPictures(
            grid=pairs.store.grid,
            channels=pairs.channels,
            frames=draw_frames(pairs, forecast, leads),
            film=draw_film(pairs, forecast, leads),
        )
        if self.spectra.labels:
            found.wavelengths = spectrum.wavelengths[1 : spectrum.tile // 2 + 1]
        if "deformation" in self.histograms.names:
            found.edges = self.histograms.edges[self.histograms.names.index("deformation")]
        return found

    def parts(self, lead: int) -> list[Part]:
        """Return the families that apply at a lead, of all sources; the forecast's mean is scored by some of them."""
        shaped = lead in nearest_leads(self.inputs.pairs.lead_hours, SHAPE_DAYS)
        found: list[Part] = []
        for number, source in enumerate(self.inputs.sources):
            families = self._families(source.draws, shaped)
            scored = [(source.name, name, family, False) for name, family in families.items()]
            if number == 0:
                scored += [(MEAN, name, family, True) for name, family in families.items() if name[0] in SHAPES]
            found += [Part((number, k), *part) for k, part in enumerate(scored)]
        return found

    def rows(
        self, lead: int, parts: Sequence[Part], found: LeadScores, pictures: ForecastPictures
    ) -> list[ForecastRow]:
        """Return all rows of a lead, and put what is drawn of it into ``pictures``.

        Args:
            lead: Number of the lead.
            parts: What was scored.
            found: What they gave.
            pictures: Where what is drawn is kept.
        """
        pairs, names = self.inputs.pairs, [source.name for source in self.inputs.sources]
        hours = float(pairs.lead_hours[lead])
        ranks = next((part.family for part in parts if part.place[0] == 0 and part.name == ("ranks", 0)), None)
        self._draw(pictures, hours, found.means, ranks)
        skill = skill_rows(found.replicates, names, hours, int(pairs.known[:, lead].sum()))
        return [row for place in sorted(found.rows) for row in found.rows[place]] + skill

    def rotation(self) -> float | None:
        """Return the rotation control of the first truth's deformation; None without drift."""
        if "deformation" not in self.histograms.names:
            return None
        pairs = self.inputs.pairs
        return rotation_control(pairs.initial(0)[None], pairs.store.grid, pairs.channels)

    def _families(self, draws: Draws, shaped: bool) -> dict[tuple[str, int], ForecastFamily]:
        """Return the families that apply, by registered name and number."""
        grid, channels = self.inputs.pairs.store.grid, self.inputs.pairs.channels
        known = self.inputs.climate is not None
        ensembles = Ensembles(grid, channels, draws, shaped, self.spectra, self.histograms, self.seed, known)
        names = in_order(FORECAST_SCORES, ORDER)
        return {(name, k): family for name in names for k, family in enumerate(FORECAST_SCORES[name](ensembles))}

    def added(self) -> list[str]:
        """Return the ids of the scores that other packages add."""
        families = self._families(self.inputs.sources[0].draws, shaped=True)
        return [label.id for (name, _), family in families.items() if name not in ORDER for label in family.labels]

    def _draw(
        self,
        pictures: ForecastPictures,
        hours: float,
        means: Mapping[tuple[tuple[str, int], bool], np.ndarray],
        ranks: ForecastFamily | None,
    ) -> None:
        """Keep what is drawn of a lead; ``means`` as of ``LeadScores``."""
        if isinstance(ranks, RankScores):
            pictures.ranks[hours] = ranks.histograms(means[("ranks", 0), False])[0]

        def shapes(name: str, read: Callable[[np.ndarray], np.ndarray]) -> Shapes:
            (mine, truth), (mean, _) = (np.split(means[(name, 0), of_mean], 2, axis=1) for of_mean in (False, True))
            return Shapes(read(truth), read(mine), read(mean))

        if (("spectra", 0), False) in means:
            rings = slice(1, self.spectra.spectrum.tile // 2 + 1)
            pictures.spectra[hours] = shapes("spectra", lambda part: self.spectra.powers(part)[0][:, rings])
        if (("histograms", 0), False) in means and len(pictures.edges):
            which = self.histograms.names.index("deformation")
            pictures.deformation[hours] = shapes(
                "histograms", lambda part: self.histograms.histograms(part)[0][[which]]
            )
