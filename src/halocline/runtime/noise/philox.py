"""Philox 4x32-10, the reference in NumPy: the words that the device computes are these, to the bit.

A word is a function of a counter (four words) and a key (two words). The key of a stream and the upper half of its
counter are the BLAKE2b hash of (seed, purpose, member, step), as in runtime/keyed.py; the lower half counts blocks of
four words.

Source: Salmon et al. 2011, "Parallel random numbers: as easy as 1, 2, 3", SC11, section 3.4; Random123's constants.
"""

import hashlib
from collections.abc import Iterable, Sequence

import numpy as np

from halocline.runtime.keyed import Key
from halocline.runtime.noise.normals import normals_of

MULTIPLIERS = (0xD2511F53, 0xCD9E8D57)
WEYL = (0x9E3779B9, 0xBB67AE85)
ROUNDS = 10
WORDS = 4
_LOW = np.uint64(0xFFFFFFFF)


def philox4x32(counter: np.ndarray, key: np.ndarray) -> np.ndarray:
    """Return the words (..., 4) uint32 of counters (..., 4) under keys (..., 2), all uint32, broadcast."""
    a, b, c, d = (np.asarray(counter)[..., k].astype(np.uint64) for k in range(4))
    k0, k1 = (np.asarray(key)[..., k].astype(np.uint64) for k in range(2))
    m0, m1 = (np.uint64(m) for m in MULTIPLIERS)
    for turn in range(ROUNDS):
        if turn:
            k0, k1 = (k0 + np.uint64(WEYL[0])) & _LOW, (k1 + np.uint64(WEYL[1])) & _LOW
        first, second = m0 * a, m1 * c
        a, b, c, d = (second >> np.uint64(32)) ^ b ^ k0, second & _LOW, (first >> np.uint64(32)) ^ d ^ k1, first & _LOW
    return np.stack(np.broadcast_arrays(a, b, c, d), axis=-1).astype(np.uint32)


def streams(seed: int, keys: Iterable[Sequence[Key]]) -> np.ndarray:
    """Return what belongs to each ``(seed, *key)`` (stream, 4) uint32: two words of the key, two of the counter."""
    head = str(int(seed))
    texts = ("\x1f".join([head, *(f"{type(part).__name__}:{part}" for part in key)]) for key in keys)
    hashes = b"".join(hashlib.blake2b(text.encode(), digest_size=16).digest() for text in texts)
    return np.frombuffer(hashes, "<u4").reshape(-1, WORDS)


def normal_rows(seed: int, keys: Iterable[Sequence[Key]], shape: Sequence[int]) -> np.ndarray:
    """Return standard normal float32 numbers (stream, *shape), each stream's a function of ``(seed, *key)``."""
    of, count = streams(seed, keys), int(np.prod(shape))
    blocks = np.arange(-(-count // WORDS), dtype=np.uint32)
    counter = np.stack(np.broadcast_arrays(blocks, np.uint32(0), of[:, 2:3], of[:, 3:4]), axis=-1)
    words = philox4x32(counter, of[:, None, :2]).astype(np.float64)
    numbers = np.stack(normals_of([words[..., k] for k in range(WORDS)], np), axis=-1)
    return numbers.reshape(len(of), -1)[:, :count].reshape(len(of), *shape).astype(np.float32)
