"""Training batches whose order is a function of (seed, step)."""

from typing import Protocol

import numpy as np

from halocline.data.codecs.protocol import StateCodec
from halocline.data.codecs.told import training_codec
from halocline.data.fields.variables import channel_variable
from halocline.data.sampling.conditions import Conditions
from halocline.data.store.splits import Split, samples_of
from halocline.data.store.store import StateStore
from halocline.runtime import keyed
from halocline.runtime.progress import progress

MEMORY_LIMIT = 2_000_000_000  # bytes; a larger split is read from the store sample by sample


class Source(Protocol):
    """Where clean fields come from: ``Samples`` below, or latents held in memory."""

    def __len__(self) -> int:
        """Return the number of samples."""

    def take(self, numbers: np.ndarray) -> np.ndarray:
        """Return (len(numbers), channel, y, x) float32."""

    def conditions(self, numbers: np.ndarray) -> np.ndarray | None:
        """Return the condition vectors (len(numbers), condition) float32, or None if there are none."""


class Samples:
    """The samples of one split in network space.

    Args:
        store: Where they are read from.
        split: Which years.
        codec: Chooses the channels and makes network space of them.
        conditions: Conditioning variables of the generator; None for none.
        every: Take every ``every``-th time only.
        quiet: Show no progress while reading.
    """

    def __init__(
        self,
        store: StateStore,
        split: Split,
        codec: StateCodec,
        conditions: Conditions | None = None,
        *,
        every: int = 1,
        quiet: bool = True,
    ) -> None:
        if store.parted:  # what the codec does not use is not decoded
            store = store.of_fields(list(dict.fromkeys(channel_variable(name)[0].name for name in codec.channels)))
        self._store, self._codec = store, codec
        self._pairs = samples_of(store, split, every=every)
        self._channels = [store.channels.index(name) for name in codec.channels]
        self._conditions = None
        if conditions is not None:
            self._conditions = conditions.encode(conditions.of_samples(store, self._pairs, quiet=quiet))
        self._cache: np.ndarray | None = None
        shape = (len(self._pairs), *codec.shape)
        if 4 * int(np.prod(shape)) <= MEMORY_LIMIT:
            cache = np.empty(shape, np.float32)
            with progress(f"reading {split} states", len(self._pairs), quiet=quiet) as report:
                for n in range(len(self._pairs)):
                    cache[n] = self._read(n)
                    report(n + 1, "")
            self._cache = cache

    def __len__(self) -> int:
        return len(self._pairs)

    def take(self, numbers: np.ndarray) -> np.ndarray:
        """Return samples (len(numbers), channel, y, x) in network space."""
        if self._cache is not None:
            return self._cache[numbers]
        return np.stack([self._read(int(n)) for n in numbers])

    def conditions(self, numbers: np.ndarray) -> np.ndarray | None:
        """Return the condition vectors (len(numbers), condition), or None if there are none."""
        return None if self._conditions is None else self._conditions[numbers]

    def _read(self, number: int) -> np.ndarray:
        states = self._store.read(*self._pairs[number])[None, self._channels]
        vector = None if self._conditions is None else self._conditions[[number]]
        return np.asarray(training_codec(self._codec, vector).encode(states)[0])


class BatchOrder:
    """Which samples make the batch of a step: each epoch is a permutation keyed by (seed, epoch)."""

    def __init__(self, samples: int, batch: int, seed: int) -> None:
        self._samples, self._batch, self._seed = samples, batch, seed
        self._epoch = -1
        self._permutation = np.empty(0, np.int64)

    def numbers(self, step: int) -> np.ndarray:
        """Return the sample numbers (batch,) of a step."""
        positions = np.arange(step * self._batch, (step + 1) * self._batch)
        return np.array([self._at(int(p)) for p in positions])

    def _at(self, position: int) -> int:
        epoch, offset = divmod(position, self._samples)
        if epoch != self._epoch:
            self._permutation = keyed.generator(self._seed, "batch-order", epoch).permutation(self._samples)
            self._epoch = epoch
        return int(self._permutation[offset])
