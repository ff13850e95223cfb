"""One lead of a forecast: what all sources score there, worked out here or by another process."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from halocline.evaluate.engine.family import Label
from halocline.evaluate.forecast.card import ForecastRow
from halocline.evaluate.forecast.climate import DailyClimate
from halocline.evaluate.forecast.family import ForecastFamily, Moment
from halocline.evaluate.forecast.pairs import Pairs
from halocline.evaluate.forecast.rate import rows_of
from halocline.evaluate.forecast.references import Scored
from halocline.physics.sea_ice import ICE_EDGE


@dataclass(frozen=True, eq=False)
class Part:
    """A family of scores of one source.

    Attributes:
        place: Where its rows stand among those of the lead: the number of the source, then its own.
        who: Name of what is scored in the table.
        name: The family's registered name, and its number among those of that name.
        family: The family.
        of_mean: Whether it scores the ensemble mean.
    """

    place: tuple[int, int]
    who: str
    name: tuple[str, int]
    family: ForecastFamily
    of_mean: bool = False

    @property
    def ours(self) -> bool:
        """Whether the family is Halocline's own, so that other processes know it."""
        return type(self.family).__module__.startswith("halocline.")


@dataclass(frozen=True)
class LeadScores:
    """What parts give at a lead.

    Attributes:
        rows: Rows of each part, by its place.
        replicates: Values (1 + replicate,) of the scores that skill is given for, by label and source.
        means: Mean summaries over the starts (1, k) of the forecast's parts, by family's name and whether it is that of
            the ensemble mean; for pictures.
    """

    rows: dict[tuple[int, int], list[ForecastRow]] = field(default_factory=dict)
    replicates: dict[tuple[Label, str], np.ndarray] = field(default_factory=dict)
    means: dict[tuple[tuple[str, int], bool], np.ndarray] = field(default_factory=dict)

    def joined(self, other: "LeadScores") -> "LeadScores":
        """Return what both give together."""
        return LeadScores(self.rows | other.rows, self.replicates | other.replicates, self.means | other.means)


@dataclass(frozen=True, eq=False)
class LeadInputs:
    """What the scores of any lead are made of.

    Attributes:
        pairs: Starts, leads and truths.
        sources: What is scored, the forecast first.
        weights: Of the starts (1 + replicate, start), the first row all alike.
        climate: Where its concentration is above 0.15 is the region ``ice``; None if there is no climate.
    """

    pairs: Pairs
    sources: Sequence[Scored]
    weights: np.ndarray
    climate: DailyClimate | None

    def scores(self, lead: int, parts: Sequence[Part]) -> LeadScores:
        """Read the states of a lead, one start after the other, and score them.

        Args:
            lead: Number of the lead.
            parts: What is asked for.
        """
        there, found = np.flatnonzero(self.pairs.known[:, lead]), LeadScores()
        hours = float(self.pairs.lead_hours[lead])
        truths = {int(s): self.pairs.truth(int(s), lead) for s in there} if parts else {}
        moments = {s: Moment(s, lead, self._ice(s, lead)) for s in truths}
        for number, source in enumerate(self.sources):
            own = [part for part in parts if part.place[0] == number]
            sums: list[list[np.ndarray]] = [[] for _ in own]
            for s in truths if own else ():
                states = source.read(s, lead)
                mean = states.mean(axis=0, keepdims=True) if any(part.of_mean for part in own) else states
                for part, summaries in zip(own, sums, strict=True):
                    shown = mean if part.of_mean else states
                    summaries.append(part.family.summary(shown, truths[s], moments[s]))
            for part, summaries in zip(own, sums, strict=True):
                rows, kept = rows_of(part.family, np.stack(summaries), self.weights[:, there], part.who, hours)
                found.rows[part.place] = rows
                found.replicates.update(kept)
                if number == 0:
                    found.means[part.name, part.of_mean] = np.mean(summaries, axis=0, keepdims=True)
        return found

    def _ice(self, start: int, lead: int) -> np.ndarray:
        if self.climate is None or "sic" not in self.pairs.channels:
            return self.pairs.store.grid.mask
        sic = self.climate.at(self.pairs.valid_hours(start, lead))[self.pairs.channels.index("sic")]
        return np.asarray(sic > ICE_EDGE)


def lead_scores(inputs: LeadInputs, parts: Mapping[int, Sequence[Part]], lead: int) -> LeadScores:
    """Return the scores of some parts at a lead; the work of another process.

    Args:
        inputs: What they are made of.
        parts: By lead.
        lead: Number of the lead.
    """
    return inputs.scores(lead, parts[lead])
