"""States without the noise that no real state has: projected onto the leading patterns of the training states.

    python benchmarks/ocean_patterns.py --data DINO.zarr --states IMPROVED.nc --out PATTERNS.nc [--patterns 60]
    halocline integrate PATTERNS.nc --name patterns --control DINO.zarr --years 0 --out RUNS

An experiment, not yet a constraint of the models. Patterns are empirical orthogonal functions of the training members'
anomalies, each channel divided by its rms anomaly, over wet cells. After the projection columns are made stable again.
Prints how much of the training variance the patterns hold, what held-out states lose by them, and what the given states
lose: the difference is noise.
"""

import argparse
from pathlib import Path

import numpy as np

from halocline.constraints.stability import MinimumChange
from halocline.generate.dataset import write_dataset
from halocline.states.dataset import read_dataset
from halocline.states.ocean_dataset import ocean_states
from halocline.states.splits import samples_of
from halocline.states.store import open_store


def main() -> None:
    """Project, stabilise, write, and print the losses."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--states", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--patterns", type=int, default=60)
    arguments = parser.parse_args()
    store = open_store(arguments.data)
    wet = store.wet
    training = np.stack([store.read(*pair) for pair in samples_of(store, "train")])[:, wet].astype(np.float64)
    mean = training.mean(axis=0)
    anomaly = training - mean
    channel = np.repeat(np.arange(len(wet)), [int(w.sum()) for w in wet])
    square = np.bincount(channel, (anomaly**2).mean(axis=0)) / np.bincount(channel)
    scale = np.sqrt(square)[channel]
    anomaly /= scale
    values, vectors = np.linalg.eigh(anomaly @ anomaly.T)  # samples are fewer than cells
    values, vectors = values[::-1][: arguments.patterns], vectors[:, ::-1][:, : arguments.patterns]
    patterns = (vectors.T @ anomaly) / np.sqrt(values)[:, None]

    held = np.stack([store.read(*pair) for pair in samples_of(store, "test")[::20]])[:, wet]
    dataset = read_dataset(arguments.states)
    found = ocean_states(dataset)
    given = found.states[:, wet]
    share = values.sum() / (anomaly**2).sum()
    print(f"{arguments.patterns} patterns hold {100 * share:.2f} % of the training states' variance")
    for name, states in (("held-out real states", held), ("the given states", given)):
        x = (states - mean) / scale
        lost = x - (x @ patterns.T) @ patterns
        print(f"{name}: rms anomaly {np.sqrt((x**2).mean()):.3f}, lost {np.sqrt((lost**2).mean()):.3f} rms anomalies")
    x = (given - mean) / scale
    projected = np.full(found.states.shape, np.nan)
    projected[:, wet] = (x @ patterns.T) @ patterns * scale + mean
    stable = MinimumChange(found.layout, reference="both").project(projected.astype(np.float32))
    write_dataset(found.into(dataset, stable), arguments.out)


if __name__ == "__main__":
    main()
