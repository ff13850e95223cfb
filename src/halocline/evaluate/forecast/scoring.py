"""All families of scores, for all sources, at one lead."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from halocline.data.grids.grid_layout import wet_of
from halocline.data.store.splits import samples_of
from halocline.data.store.store import StateStore
from halocline.evaluate.engine.draws import Draws
from halocline.evaluate.engine.family import Label, in_order
from halocline.evaluate.engine.samples import read_states, thinned
from halocline.evaluate.forecast.card import ForecastRow
from halocline.evaluate.forecast.climate import DailyClimate
from halocline.evaluate.forecast.families import FORECAST_SCORES, ORDER, SHAPES
from halocline.evaluate.forecast.families.base import Ensembles
from halocline.evaluate.forecast.families.ranks import RankScores
from halocline.evaluate.forecast.family import ForecastFamily, Moment
from halocline.evaluate.forecast.pairs import Pairs
from halocline.evaluate.forecast.pictures import ForecastPictures, Shapes, draw_film, draw_frames, nearest_leads
from halocline.evaluate.forecast.rate import rows_of, skill_rows
from halocline.evaluate.forecast.references import Scored
from halocline.evaluate.ice.cover import IceCover
from halocline.evaluate.ice.families.histograms import HistogramScores
from halocline.evaluate.ice.families.spectra import SpectrumScores
from halocline.evaluate.ice.quarter_turn import rotation_control
from halocline.evaluate.ice.tiles import tiles_for
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
        climate: Where its concentration is above 0.15 is the region ``ice``; None if there is no climate.
        spectra: Tiles for spectra.
        histograms: Bins for distributions.
        seed: Seed of the ties in rank histograms.
    """

    pairs: Pairs
    sources: list[Scored]
    climate: DailyClimate | None
    spectra: SpectrumScores
    histograms: HistogramScores
    seed: int

    @classmethod
    def of(
        cls, pairs: Pairs, sources: list[Scored], store: StateStore, climate: DailyClimate | None, seed: int
    ) -> "Scoring":
        """Lay out bins over training states and the forecast's last states."""
        grid = pairs.store.grid
        training = read_states(store, thinned(samples_of(store, "train"), 64), pairs.channels).values
        last = int(np.flatnonzero(pairs.known.any(axis=0))[-1])
        own = sources[0].read(int(np.flatnonzero(pairs.known[:, last])[0]), last)
        histograms = HistogramScores.over(*(IceCover(states, grid, pairs.channels) for states in (training, own)))
        wet = np.logical_and.reduce(wet_of(pairs.channels, grid))
        return cls(pairs, sources, climate, SpectrumScores(pairs.channels, tiles_for(grid, wet)), histograms, seed)

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
            shapes = {k: v for k, v in families.items() if k[0] in SHAPES and source is self.sources[0]}
            parts = [(source.name, name, family, False) for name, family in families.items()]
            parts += [(MEAN, name, family, True) for name, family in shapes.items()]
            sums: list[list[np.ndarray]] = [[] for _ in parts]
            for s in truths:
                states = source.read(s, lead)
                mean = states.mean(axis=0, keepdims=True) if shapes else states
                for k, (_, _, family, of_mean) in enumerate(parts):
                    sums[k].append(family.summary(mean if of_mean else states, truths[s], moments[s]))
            for (who, _, family, _), part in zip(parts, sums, strict=True):
                found, kept = rows_of(family, np.stack(part), weights[:, there], who, hours)
                rows += found
                replicates |= kept
            if source is self.sources[0]:
                means = {
                    (name[0], of_mean): np.mean(part, axis=0, keepdims=True)
                    for (_, name, _, of_mean), part in zip(parts, sums, strict=True)
                }
                self._draw(pictures, hours, means, families)
        return rows + skill_rows(replicates, [s.name for s in self.sources], hours, len(there))

    def rotation(self) -> float | None:
        """Return the rotation control of the first truth's deformation; None without drift."""
        if "deformation" not in self.histograms.names:
            return None
        return rotation_control(self.pairs.initial(0)[None], self.pairs.store.grid, self.pairs.channels)

    def _families(self, draws: Draws, shaped: bool) -> dict[tuple[str, int], ForecastFamily]:
        """Return the families that apply, by registered name and number."""
        grid, channels = self.pairs.store.grid, self.pairs.channels
        known = self.climate is not None
        ensembles = Ensembles(grid, channels, draws, shaped, self.spectra, self.histograms, self.seed, known)
        names = in_order(FORECAST_SCORES, ORDER)
        return {(name, k): family for name in names for k, family in enumerate(FORECAST_SCORES[name](ensembles))}

    def added(self) -> list[str]:
        """Return the ids of the scores that other packages add."""
        families = self._families(self.sources[0].draws, shaped=True)
        return [label.id for (name, _), family in families.items() if name not in ORDER for label in family.labels]

    def _ice(self, start: int, lead: int) -> np.ndarray:
        if self.climate is None or "sic" not in self.pairs.channels:
            return self.pairs.store.grid.mask
        sic = self.climate.at(self.pairs.valid_hours(start, lead))[self.pairs.channels.index("sic")]
        return np.asarray(sic > ICE_EDGE)

    def _draw(
        self,
        pictures: ForecastPictures,
        hours: float,
        means: dict[tuple[str, bool], np.ndarray],
        families: dict[tuple[str, int], ForecastFamily],
    ) -> None:
        """Keep what is drawn of a lead; ``means`` by family's name and whether it is that of the ensemble mean."""
        ranks = families.get(("ranks", 0))
        if isinstance(ranks, RankScores):
            pictures.ranks[hours] = ranks.histograms(means["ranks", False])[0]

        def shapes(name: str, read: Callable[[np.ndarray], np.ndarray]) -> Shapes:
            (mine, truth), (mean, _) = (np.split(means[name, of_mean], 2, axis=1) for of_mean in (False, True))
            return Shapes(read(truth), read(mine), read(mean))

        if ("spectra", False) in means:
            rings = slice(1, self.spectra.spectrum.tile // 2 + 1)
            pictures.spectra[hours] = shapes("spectra", lambda part: self.spectra.powers(part)[0][:, rings])
        if ("histograms", False) in means and len(pictures.edges):
            which = self.histograms.names.index("deformation")
            pictures.deformation[hours] = shapes(
                "histograms", lambda part: self.histograms.histograms(part)[0][[which]]
            )
