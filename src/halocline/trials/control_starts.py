"""The controls of a trial, whatever the world: what is run beside drawn states and their truths, and how it is told."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Protocol, TypeVar

from halocline.data.store.splits import Sample
from halocline.data.store.store import StateStore
from halocline.trials.protocol import Start
from halocline.trials.recoding import Recoding

S = TypeVar("S", bound=Start)


class Controls(Protocol[S]):
    """The states of a store that a world makes controls of."""

    @property
    def store(self) -> StateStore:
        """The store."""

    def nearest(self, starts: Sequence[S], avoid: Sequence[Sample] = ()) -> list[Sample]:
        """Return for each start a held-out sample that fits it, each once, none of ``avoid``."""

    def encoded(self, truths: Sequence[S], samples: Sequence[Sample], recode: Recoding | None) -> list[S]:
        """Return the truths as a model's encoding, or a file, gives them back."""

    def mean(self, truths: Sequence[S]) -> list[S]:
        """Return the mean training state in the place of each truth."""

    def noisy(self, truths: Sequence[S], amplitude: float) -> list[S]:
        """Return the truths with white noise of ``amplitude`` standard deviations."""


def control_starts(
    controls: Controls[S],
    pairs: Sequence[tuple[Sample, S]],
    *,
    recode: Recoding | None,
    noise: float,
    again: Callable[[Sample, S], S] | None,
) -> list[S]:
    """Return the starts of the controls beside the truths of the first group.

    Args:
        controls: What makes them.
        pairs: Sample and truth of each state of the first group.
        recode: The model's encoding and back; None for a file's.
        noise: Amplitude of white noise; 0 for none.
        again: Returns another true state, of a sample, in the place of a truth; None for none of them.
    """
    samples, truths = [sample for sample, _ in pairs], [truth for _, truth in pairs]
    starts = [*controls.encoded(truths, samples, recode), *controls.mean(truths)]
    if noise:
        starts += controls.noisy(truths, noise)
    if again is not None:
        starts += map(again, controls.nearest(truths, avoid=samples), truths)
    return starts


def control_words(path: Path, store: StateStore, recode: Recoding | None) -> dict[str, str]:
    """Return what a trial tells of its controls."""
    return {
        "control": f"{path.name} ({store.fingerprint[:16]})",
        "encoded truth": "through the model's encoding" if recode else "as float32 through a file",
    }
