"""Train the feature extractor that ships in the wheel.

    python tools/train_extractor.py DATA.zarr OUT

A Gaussian autoencoder with few, strongly compressed channels, trained on the training years with a seed that no preset
uses. Run it once per release of the data; scores of different extractors cannot be compared.
"""

import argparse
from pathlib import Path

import torch

from halocline.data.codecs.standard import Codec
from halocline.data.sampling.samples import Samples
from halocline.data.store.store import open_store
from halocline.evaluate.ice.extractor_net import make_encoder
from halocline.runtime.device import choose_compute, set_threads
from halocline.runtime.model_folder import write_model
from halocline.runtime.version import __version__
from halocline.systems.seaice import keyed_initialisation
from halocline.training.autoencoder_task import AutoencoderTask
from halocline.training.loop import fit
from halocline.training.settings import TrainingSettings

VARIABLES = ("sit", "sic", "sid", "siu", "siv")
SIZES = {"variables": len(VARIABLES), "latent": 8, "width": 48, "levels": 2, "patch": 2}
SEED = 20240618


def main() -> None:
    """Train and write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--samples", type=int, default=20_000)
    parser.add_argument("--threads", type=int, default=1)
    arguments = parser.parse_args()
    set_threads(arguments.threads)
    compute = choose_compute()
    store = open_store(arguments.data)
    codec = Codec.from_statistics(VARIABLES, store.statistics, store.grid.mask)
    with keyed_initialisation(SEED, "extractor"):
        network = make_encoder(SIZES, store.grid)
    settings = TrainingSettings(samples=arguments.samples, batch=16, learning_rate=1e-3, ema=0.99)
    task = AutoencoderTask(
        network.to(compute.device),
        Samples(store, "train", codec, every=2),
        Samples(store, "validation", codec, every=8),
        likelihood="gaussian",
        bounds=codec.bounds_in_network_space(),
        beta=1e-3,
        batch=settings.batch,
        seed=SEED,
        device=compute.device,
    )
    module, figures = fit(task, settings, arguments.out.with_name(arguments.out.name + ".training"), compute)
    grid = store.grid
    card = {
        "name": f"extractor-{grid.name}-1",
        "network": SIZES,
        "codec": codec.to_card(),
        "grid": {"name": grid.name, "fingerprint": grid.fingerprint()},
        "data_fingerprint": store.fingerprint,
        "metrics": figures,
        "command": f"python tools/train_extractor.py DATA.zarr OUT --samples {arguments.samples}",
        "versions": {"halocline": __version__, "torch": torch.__version__},
    }
    # Only the encoder ships: the decoder has done its work.
    weights = {k.removeprefix("encoder."): v.half() for k, v in module.named_parameters() if k.startswith("encoder.")}
    write_model(arguments.out, weights, {"mask": grid.mask.astype("uint8")}, card)


if __name__ == "__main__":
    main()
