"""What tools/golden.py runs: command lines of halocline, each with the kind of thing it makes.

In the words, OUT is what the item makes, IN the outputs of the recording, FORMS the folder tests/golden, REFERENCE the
store that ships beside dino-R4.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal


@dataclass(frozen=True)
class Item:
    """One command line.

    Attributes:
        group: What ``--only`` names, or ``group/name``.
        name: Unique in its group; with a suffix it is the output's file name.
        words: After ``halocline``, separated by blanks.
        mode: ``whole``; ``killed`` by SIGKILL once and then continued; ``continued``: as killed when recorded, but a
            check continues what was recorded when the kill had happened.
        kill_at: Glob from the output's folder, and how many paths must match before the kill.
        resume: Words added to continue.
        data: Whether it needs files that ``record --data`` was given.
    """

    group: str
    name: str
    words: str
    mode: Literal["whole", "killed", "continued"] = "whole"
    kill_at: tuple[str, int] = ("", 0)
    resume: str = ""
    data: bool = False


QUIET = "--out OUT --quiet"
STORE = "IN/simulate/arctic.zarr"
ARCTIC = f"simulate arctic --years 3 --spinup-years 0 {QUIET}"
SOLVERS = ("ddpm", "ddim", "heun", "multistep")


def items() -> list[Item]:
    """Return all items; an item's inputs come before it."""
    return [*_simulate(), *_generate(), *_forecast(), *_constrain(), *_evaluate(), *_train(), *_export()]


def _simulate() -> list[Item]:
    killed = ("arctic.zarr/states/c/0/*", 2000)
    return [
        Item("simulate", "arctic.zarr", ARCTIC),
        Item("continue", "arctic.zarr", ARCTIC, mode="continued", kill_at=killed),
    ]


def _generate() -> list[Item]:
    ice, ocean = "arctic-100km --seed 1", "dino-R4 --seed 1"
    chosen = {
        "arctic.nc": f"{ice} --members 4",
        "arctic.zarr": f"{ice} --members 2 --first 2 --batch 1",
        "arctic-fp32.nc": f"{ice} --members 4 --precision fp32",
        "dino.nc": f"{ocean} --members 4",
        "dino-fp32.zarr": f"{ocean} --members 4 --precision fp32",
        "dino-warming.nc": f"{ocean} --members 4 --condition warming=2",
        "dino-day.nc": f"{ocean} --members 4 --condition day_of_year=90 --condition warming=2",
        "dino-none.nc": f"{ocean} --members 4 --constraint none",
        "dino-paper.nc": f"{ocean} --members 4 --constraint paper",
        "dino-sort.nc": f"{ocean} --members 4 --constraint sort",
        "dino-stability.nc": f"{ocean} --members 4 --constraint stability",
        "dino-patterns-contents.nc": f"{ocean} --members 4 --constraint patterns --constraint contents",
    }
    for solver in SOLVERS:
        chosen[f"arctic-{solver}.nc"] = f"{ice} --members 2 --solver {solver} --steps 6"
        chosen[f"dino-{solver}.nc"] = f"{ocean} --members 2 --solver {solver} --steps 6"
    for name in ("seaice-latent", "seaice-data", "ocean"):
        chosen[f"toy-{name}.nc"] = f"FORMS/models/{name} --seed 1 --members 2"
    return [Item("generate", name, f"generate {words} {QUIET}") for name, words in chosen.items()]


def _forecast() -> list[Item]:
    flow, onepass = "arctic-surrogate-100km", "arctic-onepass-100km"
    two = f"--start {STORE} --members 2 --days 2 --seed 1"
    short = f"--start {STORE} --members 2 --days 1 --seed 1 --steps 4"
    toy = "--start FORMS/stores/arctic.zarr --members 3 --days 1 --seed 1"
    chosen = {
        "flow": f"{flow} {two}",
        "flow-fp32": f"{flow} {two} --precision fp32",
        "flow-paired": f"{flow} {two} --paired",
        "flow-noise": f"{flow} {two} --noise-hours 48 --steps 4",
        "flow-on": f"{flow} --start IN/forecast/flow.zarr --forcing {STORE} --days 1 --members 2 --seed 2 --steps 4",
        "flow-starts": f"{flow} {two} --starts 2 --output-hours 24 --steps 2",
        "onepass": f"{onepass} {two}",
        "onepass-paired": f"{onepass} {two} --paired",
        "onepass-at": f"{onepass} {two} --at 2001-03-05 --views member",
        "onepass-one": f"{onepass} {two} --views one",
        "persistence": f"persistence {two}",
        "free-drift": f"free-drift {two}",
        "toy-flow-tiled": f"FORMS/models/surrogate-flow {toy}",
        "toy-onepass-tiled": f"FORMS/models/surrogate-onepass {toy}",
        "toy-twin-tiled": f"FORMS/models/surrogate-twin {toy}",
    }
    chosen |= {f"flow-{solver}": f"{flow} {short} --solver {solver}" for solver in ("heun", "multistep", "euler")}
    chosen |= {f"flow-{views}": f"{flow} {short} --views {views}" for views in ("one", "member")}
    return [Item("forecast", f"{name}.zarr", f"forecast {words} {QUIET}") for name, words in chosen.items()]


def _constrain() -> list[Item]:
    free, drawn = "IN/generate/dino-none.nc", "IN/generate/dino.nc"
    chosen = {
        "ice-bounds.nc": "IN/inputs/broken-ice.nc --constraint ice-bounds",
        "stability.nc": f"{free} --constraint stability",
        "stability-both.nc": f"{free} --constraint stability --reference both",
        "sort.zarr": f"{free} --constraint sort --reference surface",
        "contents.nc": f"{free} --constraint contents --contents-from {drawn} --seed 1",
        "basin.nc": f"{free} --constraint contents --contents-from {drawn} --contents basin --seed 1",
        "patterns.nc": f"{free} --constraint patterns --patterns-from {drawn} --patterns 3 --constraint stability",
    }
    return [Item("constrain", name, f"constrain {words} --out OUT") for name, words in chosen.items()]


def _evaluate() -> list[Item]:
    forecast = f"IN/forecast/flow.zarr --forecast --reference {STORE} --beside onepass=IN/forecast/onepass.zarr"
    chosen = {
        "ice": f"IN/generate/arctic.nc --reference {STORE}",
        "ocean": "IN/generate/dino.nc --reference REFERENCE",
        "ocean-unconstrained": "IN/generate/dino-none.nc --reference REFERENCE --role train --floor years --seed 1",
        "ocean-toy-store": "FORMS/stores/ocean.zarr --reference FORMS/stores/ocean.zarr",
        "forecast": f"{forecast} --beside drift=IN/forecast/free-drift.zarr",
    }
    return [Item("evaluate", name, f"evaluate {words} {QUIET}") for name, words in chosen.items()]


def _train() -> list[Item]:
    ice = "FORMS/recipes/seaice.toml --data FORMS/stores/seaice.zarr"
    ocean = "FORMS/recipes/ocean.toml --data FORMS/stores/ocean.zarr"
    surrogate = "FORMS/recipes/surrogate.toml --data FORMS/stores/arctic.zarr"
    recipes = {
        "seaice-latent": ice,
        "seaice-data": f"{ice} --set space=data --set bounds=lift",
        "ocean": ocean,
        "surrogate-flow": surrogate,
        "surrogate-onepass": f"{surrogate} --set objective=crps",
        "surrogate-twin": f"{surrogate} --set objective=regression",
    }
    variants = {
        "seaice-published": f"{ice} --half --set autoencoder.likelihood=gaussian --set denoiser.prediction=eps"
        " --set denoiser.weighting=eps",
        "ocean-karras": f"{ocean} --set denoiser.prediction=karras --set denoiser.schedule=karras"
        " --set codec.normalisation=level",
        "ocean-published": f"{ocean} --set denoiser.prediction=eps --set denoiser.schedule=squared-cosine"
        " --set denoiser.cells=all --set codec.levels_every=2",
        "surrogate-clean": f"{surrogate} --set prediction=clean --set likelihood=gaussian --set pure_noise=0.3"
        " --set training.optimizer=adamw",
        "surrogate-from-flow": f"{surrogate} --set objective=crps --set initial=FORMS/models/surrogate-flow",
    }
    made = [Item("train", name, f"train {words} {QUIET}") for name, words in (recipes | variants).items()]
    for name, words in recipes.items():
        stages = 2 if name == "seaice-latent" else 1
        for group, mode in (("killed", "killed"), ("continue", "continued")):
            kill_at = (f"{name}.training/*/checkpoint.json", stages)
            made.append(Item(group, name, f"train {words} {QUIET}", mode, kill_at, "--resume"))  # type: ignore[arg-type]
    return made


def _export() -> list[Item]:
    nemo, toy = "export nemo IN/inputs/dino4.nc --out OUT", "export nemo FORMS/nemo/ocean.nc --out OUT"
    return [
        Item("export", "toy-restart.nc", f"{toy} --template FORMS/nemo/restart.nc --member 1"),
        Item("export", "toy-mesh.nc", f"{toy} --template FORMS/nemo/mesh_mask.nc --time-step 2700"),
        Item("export", "dino4-restart.nc", f"{nemo} --template IN/inputs/DINO4_00005760_restart.nc", data=True),
        Item("export", "dino4-mesh.nc", f"{nemo} --template IN/inputs/mesh_mask_4deg.nc --time-step 5400", data=True),
    ]


def in_words(words: str, *, out: Path, recorded: Path, forms: Path, reference: Path) -> list[str]:
    """Return an item's words with its paths."""
    places = {"OUT": str(out), "REFERENCE": str(reference)}
    roots = {"IN/": f"{recorded}/", "FORMS/": f"{forms}/"}
    filled = [places.get(word, word) for word in words.split(" ")]
    for short, path in roots.items():
        filled = [word.replace(short, path) for word in filled]
    return filled
