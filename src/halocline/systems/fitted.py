"""What a recipe learns from the data before any network is trained."""

from dataclasses import dataclass

from halocline.constraints.mean_distribution import MeanDistribution
from halocline.constraints.pattern_basis import PatternBasis
from halocline.data.codecs.protocol import StateCodec
from halocline.data.sampling.conditions import Conditions


@dataclass(frozen=True, eq=False)
class Parts:
    """Codec, conditions, the distribution of contents and the patterns.

    Attributes:
        codec: Network space to physical space.
        conditions: What the generator is told; None for nothing.
        contents: Level means given the conditions; None where the recipe has none.
        patterns: Leading patterns of the training states; None where the recipe keeps none.
    """

    codec: StateCodec
    conditions: Conditions | None = None
    contents: MeanDistribution | None = None
    patterns: PatternBasis | None = None
