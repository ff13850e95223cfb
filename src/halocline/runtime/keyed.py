"""Random numbers that are a function of their key, never of the order in which they are drawn.

Noise is a function of (seed, purpose, member, step). Member 7 is the same field whether it is drawn alone, in a
batch of 50 or on the third rank, and a training that was killed and resumed sees the noise it would have seen.

The key is hashed with BLAKE2b to the 128-bit key of a Philox counter generator (Salmon et al. 2011,
"Parallel random numbers: as easy as 1, 2, 3"), so that streams of different keys are independent.
"""

import hashlib
from collections.abc import Iterable, Sequence

import numpy as np

Key = str | int


def generator(seed: int, *key: Key) -> np.random.Generator:
    """Return the generator that belongs to ``(seed, *key)``.

    Args:
        seed: The run's seed.
        *key: Words and whole numbers that name the purpose, e.g. ``("sampler", member, step)``.
    """
    text = "\x1f".join([str(int(seed)), *(f"{type(part).__name__}:{part}" for part in key)])
    digest = hashlib.blake2b(text.encode(), digest_size=16).digest()
    return np.random.Generator(np.random.Philox(key=np.frombuffer(digest, dtype=np.uint64)))


def derived(seed: int, *key: Key) -> int:
    """Return another seed that belongs to ``(seed, *key)``, 0 to 2^62."""
    return int(generator(seed, *key).integers(2**62))


def normal(seed: int, shape: Sequence[int], *key: Key) -> np.ndarray:
    """Return standard normal float32 numbers of ``shape`` for ``(seed, *key)``."""
    return generator(seed, *key).standard_normal(tuple(shape), dtype=np.float32)


def member_normal(seed: int, members: Iterable[int], shape: Sequence[int], *key: Key) -> np.ndarray:
    """Return standard normal numbers (member, *shape); each member's depend on its own number only."""
    return np.stack([normal(seed, shape, *key, int(member)) for member in members])
