"""How stable the states of a store are."""

from pathlib import Path

import numpy as np

from halocline.data.store.store import open_store
from halocline.worlds.dino.diagnostics import stability_of


def instability(path: Path, states: int = 40) -> float:
    """Return the share of unstable interfaces in a store, per cent, over evenly picked states."""
    store = open_store(path)
    pairs = [(m, t) for m in range(store.members) for t in range(len(store.hours))]
    picked = [pairs[k] for k in np.linspace(0, len(pairs) - 1, min(states, len(pairs))).astype(int)]
    found = [store.layout.select(store.read(*pair).astype(np.float64), "thetao", "so") for pair in picked]
    return float(np.mean([stability_of(thetao, so, store.grid) for thetao, so in found]))
