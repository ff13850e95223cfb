"""Codecs whose network space depends on what a state is told, beside those that are the same for all states."""

from typing import Any, Protocol, runtime_checkable

import numpy as np

from halocline.data.codecs.protocol import StateCodec


@runtime_checkable
class ToldCodec(Protocol):
    """A codec that has to be told the conditions of states before it encodes or decodes them."""

    def told(self, vector: np.ndarray | None) -> StateCodec:
        """Return the codec of states with condition vectors (state, condition)."""

    def told_in_training(self, vector: np.ndarray | None) -> StateCodec:
        """Return the codec of training states, which may not be told what was fitted to them."""

    @property
    def anywhere(self) -> StateCodec:
        """The codec of some conditions, for states that go to network space and come back."""


def told_codec(codec: Any, vector: np.ndarray | None) -> StateCodec:
    """Return the codec of states that are told condition vectors (state, condition); the same where it need not know.

    Args:
        codec: A ``StateCodec``, or one that has to be told.
        vector: What the states are told.
    """
    return codec.told(vector) if isinstance(codec, ToldCodec) else codec


def training_codec(codec: Any, vector: np.ndarray | None) -> StateCodec:
    """Return the same of states that a network is trained on or validated with."""
    return codec.told_in_training(vector) if isinstance(codec, ToldCodec) else codec


def there_and_back(codec: Any) -> StateCodec:
    """Return a codec for states that go to network space and come back, and are not drawn in it."""
    return codec.anywhere if isinstance(codec, ToldCodec) else codec
