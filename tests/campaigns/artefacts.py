"""One tiny artefact of each kind that Halocline writes, what a command takes from it, and how it is opened."""

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace

import netCDF4
import numpy as np
import torch
import zarr

from halocline.chain.dataset import to_dataset
from halocline.chain.forecast.baselines import Persistence
from halocline.chain.forecast.run import forecast
from halocline.chain.forecast.starts import Start, open_starts
from halocline.chain.stream import writing
from halocline.data.files.states import open_states
from halocline.data.sampling.packed import pack, read_packed
from halocline.data.store.store import open_store
from halocline.evaluate.engine.scorecard import Row, Scorecard
from halocline.evaluate.engine.table import ScoreTable
from halocline.evaluate.forecast.file import open_forecast
from halocline.runtime import files, keyed
from halocline.runtime.errors import InputError, OutputError
from halocline.runtime.log import JsonLines
from halocline.runtime.model_folder import read_model, write_model
from halocline.runtime.seals.arrays import read_arrays, read_npz
from halocline.runtime.seals.json_object import read_json, unsealed, write_json
from halocline.training.checkpoint import LOG, check_checkpoint, load_checkpoint, save_checkpoint
from halocline.worlds.arctic.domain import arctic_domain
from halocline.worlds.arctic.restart import memory_from, read_restart, state_from, write_restart
from halocline.worlds.arctic.state import winter_state
from halocline.worlds.arctic.weather.synthetic import SyntheticWeather
from halocline.worlds.dino.job import TaskFolder
from tests.ocean_toy import toy_dino_store
from tests.surrogate_toy import surrogate_store
from tests.toy import CHANNELS, toy_grid, toy_sample, toy_store

GOLDEN = Path(__file__).parents[1] / "golden"
DOMAIN_KM = 100


@dataclass(frozen=True)
class Artefact:
    """A file or folder of one kind.

    Attributes:
        path: Where it lies.
        facts: Returns a digest of all that any command computes from it or prints of it, seals left out.
        opened: Opens it as commands do.
    """

    path: Path
    facts: Callable[[Path], str]
    opened: Callable[[Path], object]


def build(folder: Path) -> dict[str, Artefact]:
    """Write one artefact of each kind into a folder."""
    ice, ocean = toy_store(folder / "ice.zarr", 1, 3, 91, 8), toy_dino_store(folder / "ocean.zarr", interval_days=180)
    return {
        "store": Artefact(ice, zarr_facts, _open_store),
        "ocean store": Artefact(ocean, zarr_facts, _open_store),
        "forecast": Artefact(_forecast(folder / "forecast.zarr"), zarr_facts, _open_forecast),
        "generated Zarr": Artefact(_drawn(folder / "drawn.zarr"), zarr_facts, open_states),
        "generated NetCDF": Artefact(_drawn(folder / "drawn.nc"), netcdf_facts, open_states),
        "model": Artefact(_model(folder / "model"), model_facts, read_model),
        "training": Artefact(_training(folder / "m.training"), training_facts, _open_training),
        "restart": Artefact(_restart(folder / "member-0.safetensors"), restart_facts, _open_restart),
        "runs": Artefact(_runs(folder / "runs"), records_facts, _open_runs),
        "report": Artefact(_report(folder / "report"), records_facts, lambda p: Scorecard.from_json(p / "scores.json")),
    }


def _open_store(path):
    store = open_store(path)
    store.read_range(0, 0, len(store.hours))
    return open_states(path)


def _open_forecast(path):
    found = open_forecast(path)
    for lead in range(len(found.lead_hours)):
        found.read(0, lead)
    return open_starts(path, found.channels, count=1, split="test", hours=12, at=(), member=0, index=0)


def _open_training(path):
    before = read_json(path / "identity.json", "identity of a training", OutputError)
    network = torch.nn.Linear(2, 2)
    load_checkpoint(path / "denoiser", network, {"average": torch.nn.Linear(2, 2)}, [_optimizer(network)])
    return before, read_packed(path)


def _open_restart(path):
    arrays = read_restart(path, arctic_domain(DOMAIN_KM).grid)
    return state_from(arrays), memory_from(arrays)


def _open_runs(path):
    mark = read_json(path / "integrate.json", "runs", OutputError)
    folder = TaskFolder(path / "members" / "a-000")
    about = read_json(folder.path / "start.json", "run", OutputError)
    start = read_npz(folder.path / "start.npz", "start", "thetao", "so")
    return mark, about, start, folder.outcome(), folder.read_series(), folder.end_state()


def _forecast(path):
    grid = toy_grid(8)
    states = toy_sample(grid, 30)
    starts = [Start(24, np.where(grid.mask, states, np.float32(0))[None])]
    model = Persistence(channels=CHANNELS)
    return forecast(model, starts, None, grid, path, steps=2, members=2, quiet=True)


def _drawn(path):
    grid = toy_grid(8)
    states = np.stack([toy_sample(grid, 30, member) for member in range(3)])
    states = np.where(grid.mask, states, np.float32(np.nan))
    with writing(path) as file:
        for part in (slice(0, 2), slice(2, 3)):
            drawn = to_dataset(states[part], CHANNELS, grid, range(3)[part], {})
            file.append(drawn.assign_coords(day_of_year=("member", np.full(drawn.sizes["member"], 30.0))))
        file.describe({"halocline_seed": 1, "halocline_model": "toy", "halocline_constraints_moved": "[]"})
    return path


def _model(path):
    weights, grid, card = read_model(GOLDEN / "models" / "seaice-data")
    card = {key: value for key, value in card.items() if key not in ("files", "card_sha256", "halocline_model")}
    write_model(path, weights, grid, card, {LOG: b'{"stage": "denoiser", "step": 1, "loss": 0.5}\n'})
    return path


def _optimizer(network):
    return torch.optim.AdamW(network.parameters())


def _training(path):
    write_json(path / "identity.json", {"recipe": "0" * 16, "data": "1" * 16, "precision": "fp32"})
    with torch.random.fork_rng():
        torch.manual_seed(0)
        network, average = torch.nn.Linear(2, 2), torch.nn.Linear(2, 2)
    optimizer = _optimizer(network)
    network(torch.ones(1, 2)).sum().backward()
    optimizer.step()
    log = JsonLines(path / "denoiser" / LOG)
    (path / "denoiser").mkdir()
    for step in (5, 10):
        log.write({"stage": "denoiser", "step": step, "loss": 1.0 / step, "seconds": 0.1})
    save_checkpoint(path / "denoiser", 10, network, {"average": average}, [optimizer], loss=0.1, records=2)
    store = open_store(surrogate_store(path.parent / "weather.zarr", members=1, steps=3, n=8))
    from halocline.data.fields.degree_days import DegreeDays

    pack(store, ("sit",), ("t2m",), DegreeDays(()), 12, path)
    return path


def _restart(path):
    domain = arctic_domain(DOMAIN_KM)
    weather = SyntheticWeather(domain, 0, 0)
    state = winter_state(domain, weather.at(0).sst)
    budget = SimpleNamespace(totals=np.zeros(_terms()))
    write_restart(path, SimpleNamespace(state=state, forcing=weather, step=120, budget=budget, domain=domain), 1.0e13)
    return path


def _terms():
    from halocline.worlds.arctic.budget import TERMS

    return len(TERMS)


def _runs(path):
    folder = TaskFolder(path / "members" / "a-000")
    write_json(path / "integrate.json", {"preset": "R8", "seed": 0, "years": 0, "frozen_days": 1})
    write_json(folder.path / "start.json", {"group": "a", "member": 0, "control": "", "fingerprint": "f" * 64})
    water = keyed.normal(0, (2, 4, 6), "water")
    files.write_npz(folder.path / "start.npz", {"thetao": water, "so": water})
    for day in range(3):
        JsonLines(folder.series).write({"day": float(day), "mode": "synchronous", "kinetic_energy": 0.1 + day})
    files.write_npz(folder.end, {"state:thetao": water, "state:so": water})
    folder.finish(folder.done, {"days": 2.0, "cpu_seconds": 1.5})
    return path


def _report(path):
    row = Row("sea-ice extent", "sic", "", 0.1, 0.0, 0.2, 0.1, 0.0, 0.3, "m2", "lower", None, id="extent")
    path.mkdir()
    Scorecard(ScoreTable((row,), {"kind": "ice", "seed": 0})).to_json(path / "scores.json")
    return path


def zarr_facts(path: Path) -> str:
    """Return a digest of attributes, layouts and values of a Zarr group."""
    group = zarr.open_group(path, mode="r")
    digest = _Digest().add(dict(group.attrs))
    for name, array in sorted(group.arrays()):
        digest.add([name, dict(array.attrs), array.metadata.dimension_names, str(array.dtype), array.shape])
        digest.values(np.asarray(array[...]))
    return digest.text


def netcdf_facts(path: Path) -> str:
    """Return a digest of attributes, dimensions and values of a NetCDF file."""
    with netCDF4.Dataset(path) as file:
        digest = _Digest().add({name: file.getncattr(name) for name in file.ncattrs()})
        for name, variable in sorted(file.variables.items()):
            variable.set_auto_maskandscale(False)
            digest.add(
                [name, variable.dimensions, str(variable.dtype), {n: variable.getncattr(n) for n in variable.ncattrs()}]
            )
            digest.values(np.asarray(variable[...]))
    return digest.text


def model_facts(path: Path) -> str:
    """Return a digest of weights, grid, card and log of a model."""
    weights, grid, card = read_model(path)
    digest = _Digest().add(unsealed(card)).add((path / LOG).read_text())
    for name, values in sorted({**grid, **{k: v.numpy() for k, v in weights.items()}}.items()):
        digest.add(name).values(values)
    return digest.text


def training_facts(path: Path) -> str:
    """Return a digest of what a resumed training takes up."""
    stage = path / "denoiser"
    pointer = check_checkpoint(stage)
    digest = _Digest().add([read_json(path / "identity.json", "identity"), pointer["step"], pointer["file"]])
    digest.add(JsonLines(stage / LOG).records()).add((stage / pointer["file"]).read_bytes().hex())
    return digest.add(read_packed(path)).add((path / "records.npy").read_bytes().hex()).text


def restart_facts(path: Path) -> str:
    """Return a digest of the arrays and notes of a restart."""
    arrays, notes, _ = read_arrays(path, "restart", InputError)
    digest = _Digest().add(notes)
    for name, values in sorted(arrays.items()):
        digest.add([name, str(values.dtype), values.shape]).values(values)
    return digest.text


def records_facts(path: Path) -> str:
    """Return a digest of the JSON, the lines and the arrays in a folder, seals left out."""
    digest = _Digest()
    for file in sorted(p for p in path.rglob("*") if p.is_file()):
        digest.add(file.relative_to(path).as_posix())
        if file.suffix == ".jsonl":
            digest.add([unsealed(json.loads(line)) for line in file.read_text().splitlines()])
        elif file.suffix == ".json":
            digest.add(_without_sums(json.loads(file.read_text())))
        else:
            for name, values in sorted(read_npz(file, "record").items()):
                digest.add(name).values(values)
    return digest.text


def _without_sums(content):
    return {key: value for key, value in unsealed(content).items() if key != "series_sha256"}


class _Digest:
    def __init__(self):
        self._hash = hashlib.sha256()

    def add(self, content):
        self._hash.update(json.dumps(content, sort_keys=True, default=_plain).encode())
        return self

    def values(self, array):
        values = np.asarray(array)
        self._hash.update(
            "".join(map(str, values.ravel())).encode() if values.dtype.kind in "TOU" else values.tobytes()
        )
        return self

    @property
    def text(self):
        return self._hash.hexdigest()


def _plain(value):
    return value.tolist() if hasattr(value, "tolist") else str(value)
