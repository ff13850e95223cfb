"""All families of scores, for all sources, at one lead."""

from dataclasses import dataclass

import numpy as np

from halocline.data.store.splits import samples_of
from halocline.data.store.store import StateStore
from halocline.evaluate.engine.draws import Draws
from halocline.evaluate.engine.family import Label
from halocline.evaluate.engine.samples import read_states, thinned
from halocline.evaluate.forecast.card import ForecastRow
from halocline.evaluate.forecast.cells import CellScores
from halocline.evaluate.forecast.climate import DailyClimate
from halocline.evaluate.forecast.cover import CoverScores
from halocline.evaluate.forecast.edge import EdgeScores
from halocline.evaluate.forecast.family import ForecastFamily, Moment, SetFamily
from halocline.evaluate.forecast.pairs import Pairs
from halocline.evaluate.forecast.pictures import ForecastPictures, Shapes, draw_film, draw_frames, nearest_leads
from halocline.evaluate.forecast.ranks import RankScores
from halocline.evaluate.forecast.rate import rows_of, skill_rows
from halocline.evaluate.forecast.sources import Source
from halocline.evaluate.ice.bands import SpectrumScores, tiles_for
from halocline.evaluate.ice.bounds import BoundScores
from halocline.evaluate.ice.histograms import HistogramScores
from halocline.evaluate.ice.quarter_turn import rotation_control
from halocline.physics.sea_ice import ICE_EDGE

SHAPE_DAYS = (0.0, 0.5, 1.0, 2.0, 3.0, 5.0, 7.0, 10.0, 15.0, 20.0, 30.0, 45.0)
"""Leads at which spectra, histograms and bounds are computed."""

MEAN = "ensemble mean"
"""Name under which spectra and histograms of the ensemble mean stand in the table."""


@dataclass(frozen=True, eq=False)
class Scoring:
    """Scores of all sources at one lead after another.

    Attributes:
        pairs: Starts, leads and truths.
        sources: What is scored, the forecast first.
        climate: Where its concentration is above 0.15 is the region ``ice``.
        spectra: Tiles for spectra.
        histograms: Bins for distributions.
        seed: Seed of the ties in rank histograms.
    """

    pairs: Pairs
    sources: list[Source]
    climate: DailyClimate
    spectra: SpectrumScores
    histograms: HistogramScores
    seed: int

    @classmethod
    def of(cls, pairs: Pairs, sources: list[Source], store: StateStore, climate: DailyClimate, seed: int) -> "Scoring":
        """Lay out bins over training states and the forecast's last states."""
        grid = pairs.store.grid
        training = read_states(store, thinned(samples_of(store, "train"), 64), pairs.channels).values
        last = int(np.flatnonzero(pairs.known.any(axis=0))[-1])
        own = sources[0].read(int(np.flatnonzero(pairs.known[:, last])[0]), last)
        histograms = HistogramScores.over(grid, pairs.channels, training, own)
        return cls(pairs, sources, climate, SpectrumScores(pairs.channels, tiles_for(grid)), histograms, seed)

    def pictures(self, leads: list[int]) -> ForecastPictures:
        """Return pictures with maps and film, the curves still empty."""
        spectrum = self.spectra.spectrum
        found = ForecastPictures(
            grid=self.pairs.store.grid,
            channels=self.pairs.channels,
            frames=draw_frames(self.pairs, self.sources[0], leads),
            film=draw_film(self.pairs, self.sources[0], leads),
        )
        if self.spectra.labels:
            found.wavelengths = spectrum.wavelengths[1 : spectrum.tile // 2 + 1]
        if "deformation" in self.histograms.names:
            found.edges = self.histograms.edges[self.histograms.names.index("deformation")]
        return found

    def at(self, lead: int, weights: np.ndarray, pictures: ForecastPictures) -> list[ForecastRow]:
        """Return all rows of one lead, and put what is drawn of it into ``pictures``."""
        there = np.flatnonzero(self.pairs.known[:, lead])
        hours = float(self.pairs.lead_hours[lead])
        shaped = lead in nearest_leads(self.pairs.lead_hours, SHAPE_DAYS)
        truths = {int(s): self.pairs.truth(int(s), lead) for s in there}
        moments = {int(s): Moment(int(s), lead, self._ice(int(s), lead)) for s in there}
        rows: list[ForecastRow] = []
        replicates: dict[tuple[Label, str], np.ndarray] = {}
        for source in self.sources:
            families = self._families(source.draws, shaped)
            shapes = self._shapes() if shaped and source is self.sources[0] else []
            sums: list[list[np.ndarray]] = [[] for _ in (*families, *shapes)]
            for s in truths:
                states = source.read(s, lead)
                for k, family in enumerate(families):
                    sums[k].append(family.summary(states, truths[s], moments[s]))
                for k, family in enumerate(shapes, len(families)):
                    sums[k].append(family.summary(states.mean(axis=0, keepdims=True), truths[s], moments[s]))
            for k, family in enumerate((*families, *shapes)):
                name = source.name if k < len(families) else MEAN
                found, kept = rows_of(family, np.stack(sums[k]), weights[:, there], name, hours)
                rows += found
                replicates |= kept
            if source is self.sources[0]:
                self._draw(pictures, hours, families, [np.stack(part) for part in sums])
        return rows + skill_rows(replicates, [s.name for s in self.sources], hours, len(there))

    def rotation(self) -> float | None:
        """Return the rotation control of the first truth's deformation; None without drift."""
        if "deformation" not in self.histograms.names:
            return None
        return rotation_control(self.pairs.initial(0)[None], self.pairs.store.grid, self.pairs.channels)

    def _families(self, draws: Draws, shaped: bool) -> list[ForecastFamily]:
        grid, channels = self.pairs.store.grid, self.pairs.channels
        families: list[ForecastFamily] = [CellScores(grid, channels, draws), CoverScores.of(grid, channels)]
        if draws.count > 1:
            families.append(RankScores(grid, channels, draws, self.seed))
        if "sic" in channels:
            families.append(EdgeScores(grid, channels))
        if shaped:
            families += [*self._shapes(), SetFamily(BoundScores(grid, channels))]
        return families

    def _shapes(self) -> list[ForecastFamily]:
        spectra = [SetFamily(self.spectra)] if self.spectra.labels else []
        return [*spectra, SetFamily(self.histograms)]

    def _ice(self, start: int, lead: int) -> np.ndarray:
        if "sic" not in self.pairs.channels:
            return self.pairs.store.grid.mask
        sic = self.climate.at(self.pairs.valid_hours(start, lead))[self.pairs.channels.index("sic")]
        return np.asarray(sic > ICE_EDGE)

    def _draw(
        self, pictures: ForecastPictures, hours: float, families: list[ForecastFamily], sums: list[np.ndarray]
    ) -> None:
        means = [part.mean(axis=0, keepdims=True) for part in sums]
        place = {type(f.family) if isinstance(f, SetFamily) else type(f): k for k, f in enumerate(families)}
        for k, family in enumerate(families):
            if isinstance(family, RankScores):
                pictures.ranks[hours] = family.histograms(means[k])[0]
        if HistogramScores not in place:
            return
        of_mean = dict(
            zip(
                (type(f.family) for f in self._shapes() if isinstance(f, SetFamily)),
                means[len(families) :],
                strict=True,
            )
        )
        if SpectrumScores in place:
            rings = slice(1, self.spectra.spectrum.tile // 2 + 1)
            both = [np.split(m, 2, axis=1) for m in (means[place[SpectrumScores]], of_mean[SpectrumScores])]
            pictures.spectra[hours] = Shapes(
                *(self.spectra.powers(part)[0][:, rings] for part in (both[0][1], both[0][0], both[1][0]))
            )
        if len(pictures.edges):
            which = self.histograms.names.index("deformation")
            both = [np.split(m, 2, axis=1) for m in (means[place[HistogramScores]], of_mean[HistogramScores])]
            pictures.deformation[hours] = Shapes(
                *(self.histograms.histograms(part)[0][[which]] for part in (both[0][1], both[0][0], both[1][0]))
            )
