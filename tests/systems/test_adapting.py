"""Adapting: a trained model goes on on another store, with that store's statistics, or says why it cannot."""

import json
from dataclasses import replace

import numpy as np
import pytest

import halocline as hl
from halocline.data.fields.degree_days import DegreeDays
from halocline.data.fields.variables import variable
from halocline.data.store.from_dataset import write_store
from halocline.data.store.statistics import finish_store
from halocline.data.store.store import open_store
from halocline.data.store.writer import StoreWriter, create_store
from halocline.runtime import files
from halocline.runtime.errors import ConfigError, HaloclineError, InputError, ModelError, OutputError
from halocline.runtime.model_folder import read_model
from halocline.systems.base_config import trained_part
from halocline.systems.config import load_config
from tests.surrogate_toy import STATE, surrogate_store, toy_surrogate, weather
from tests.toy import toy_grid, toy_sample, toy_store

FLOW = ["training.samples=24"]
TOY_TRAINING = {"training.samples": 12}
DRAWING = {"autoencoder.training.samples": 8, "denoiser.training.samples": 8}


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    """The store that the model to adapt was trained on."""
    return surrogate_store(tmp_path_factory.mktemp("home") / "home.zarr", members=1, steps=6)


@pytest.fixture(scope="module")
def flow(home, tmp_path_factory):
    return toy_surrogate(home, tmp_path_factory.mktemp("flow") / "flow", FLOW)


@pytest.fixture(scope="module")
def other(tmp_path_factory):
    """Another model's states: a larger grid of other cells, leap days, a variable that no model knows."""
    hours = np.concatenate([year * 8766 // 24 * 24 + np.arange(6) * 12 for year in range(4)])
    return surrogate_store(
        tmp_path_factory.mktemp("other") / "other.zarr",
        members=1,
        n=21,
        spacing=3e5,
        hours=hours,
        calendar="standard",
        extra=("zos",),
    )


def adapt(model, store, out, **settings):
    return hl.train(None, store, out, from_=model, settings=TOY_TRAINING | settings, precision="fp32", quiet=True)


def card_of(model):
    return json.loads((model / "card.json").read_text())


def test_a_surrogate_goes_on_on_another_grid_calendar_and_store(flow, other, tmp_path, capsys):
    """Weights are taken over and little changed, statistics are the new store's, the card says from where."""
    out = hl.train(None, other, tmp_path / "m", from_=flow, settings=TOY_TRAINING, precision="fp32")
    notes = capsys.readouterr().err
    assert "left out" in notes
    assert "zos" in notes
    assert "21 x 21 cells" in notes
    before, after = card_of(flow), card_of(out)
    sha = files.sha256_of(flow / "model.safetensors")
    assert after["from"] == {"model": str(flow), "name": "flow", "sha256": sha}
    assert after["codec"]["variables"] == before["codec"]["variables"]
    records = open_store(other)
    assert after["codec"]["mean"]["t2m"] == pytest.approx(records.statistics["t2m"]["mean"], rel=1e-2)
    assert after["codec"]["change"] != before["codec"]["change"]
    moved = [read_model(m)[0] for m in (flow, out)]
    assert 0 < max(float((moved[0][k] - moved[1][k]).abs().max()) for k in moved[0]) < 0.05
    forecast = hl.load(out).forecast(other, start="2000-01-01", days=1, members=2, quiet=True)
    assert forecast.sizes["y"] == 21


def test_the_default_recipe_is_the_models_own_with_short_and_slow_trainings(flow):
    own, adapting = load_config(None, ["training.batch=3"], flow), card_of(flow)["config"]
    assert own.training.batch == 3
    assert own.training.learning_rate < adapting["training"]["learning_rate"]
    assert own.training.samples <= adapting["training"]["samples"]
    assert own.training.optimizer == adapting["training"]["optimizer"]
    assert own.initial == str(flow)
    onepass = load_config(None, [], "arctic-onepass-100km")
    assert (onepass.objective, onepass.initial, onepass.training.samples <= 20_000) == (
        "crps",
        "arctic-onepass-100km",
        True,
    )
    for name in ("arctic-100km", "dino-R4"):
        assert load_config(None, [], name).denoiser.training.samples < 52_000
    shipped = load_config(None, [], "arctic-100km")
    assert shipped.keep == ()  # it was trained with the denoiser of another model, kept; what adapts it adapts all
    assert shipped.detail.training.samples <= 4000


def test_the_noise_of_a_one_pass_head_that_goes_on_remembers_for_longer(flow):
    shipped, on = load_config("arctic-onepass-100km"), load_config(None, [], "arctic-onepass-100km")
    assert (shipped.forecast.noise_hours, shipped.training.samples) == (12.0, 20_000)
    assert (on.forecast.noise_hours, on.training.samples) == (48.0, 2000)
    own = load_config(None, ["forecast.noise_hours=6"], "arctic-onepass-100km")
    assert own.forecast.noise_hours == 6.0
    assert load_config(None, [], flow).forecast.noise_hours == 0.0


def test_an_energy_score_changes_what_is_trained_and_stays_when_a_head_goes_on(home, tmp_path):
    shipped = load_config("arctic-onepass-100km")
    assert shipped.energy == load_config(None, [], "arctic-onepass-100km").energy == 0.0
    assert "energy" not in trained_part(shipped)  # a training that an older version began is the same recipe
    head = toy_surrogate(home, tmp_path / "head", [*FLOW, "objective=crps", "energy=0.5", "forecast.noise_hours=60"])
    weights = {}
    for name, settings in (("on", {}), ("without", {"energy": 0, "forecast.noise_hours": 6})):
        out = adapt(head, home, tmp_path / name, **settings)
        assert card_of(out)["config"]["energy"] == settings.get("energy", 0.5)
        assert hl.load(out).noise_hours == settings.get("forecast.noise_hours", 60.0)
        weights[name] = files.sha256_of(out / "model.safetensors")
    assert weights["on"] != weights["without"]


def test_a_recipe_beside_from_keeps_its_own_training(flow, home, tmp_path):
    recipe = load_config("arctic-onepass-100km", None, flow)
    assert (recipe.initial, recipe.training.samples) == (str(flow), 20_000)
    with pytest.raises(ModelError, match="network = "):
        hl.train("arctic-onepass-100km", home, tmp_path / "m", from_=flow, quiet=True)
    assert not list(tmp_path.iterdir())


def test_statistics_can_be_those_of_the_model(flow, other, tmp_path):
    out = adapt(flow, other, tmp_path / "m", statistics="initial")
    assert all(card_of(out)["codec"][k] == card_of(flow)["codec"][k] for k in ("mean", "std", "change"))
    with pytest.raises(ConfigError, match="statistics = 'initial' needs a model"):
        load_config("arctic-surrogate-100km", ["statistics=initial"])


def test_a_one_pass_head_of_its_own_is_read_as_it_was_trained(home, tmp_path):
    """Trained from scratch it predicts the clean change; the weights mean the same when they are adapted."""
    head = toy_surrogate(home, tmp_path / "head", [*FLOW, "objective=crps"])
    out = adapt(head, home, tmp_path / "on")
    assert hl.load(head).denoiser.prediction == hl.load(out).denoiser.prediction == "clean"
    with pytest.raises(ModelError, match="prediction = clean"):
        toy_surrogate(home, tmp_path / "flow", [*FLOW, f"initial={head}"])


@pytest.mark.parametrize("space", ["latent", "data"])
def test_a_sea_ice_generator_goes_on(space, model_path, data_space_model_path, tmp_path):
    """On cells that do not divide into its network's, with a store of other means; every stage goes on."""
    model = model_path if space == "latent" else data_space_model_path
    store = toy_store(tmp_path / "s.zarr", members=1, n=19, interval_days=30)
    settings = DRAWING if space == "latent" else {"denoiser.training.samples": 8}
    out = hl.train(None, store, tmp_path / "m", from_=model, settings=settings, precision="fp32", quiet=True)
    before, after = read_model(model)[0], read_model(out)[0]
    trained = [k for k in before if not k.startswith("latent.")]
    assert 0 < max(float((before[k] - after[k]).abs().max()) for k in trained) < 0.05
    assert hl.load(out).generate(2, seed=0, quiet=True).sizes["x"] == 19
    assert card_of(out)["codec"]["mean"] != card_of(model)["codec"]["mean"]


def test_an_ocean_generator_goes_on_and_leaves_a_variable_out(ocean_model_path, ocean_store_path, oxygen, tmp_path):
    store = with_oxygen(ocean_store_path, tmp_path / "o2.zarr")
    out = hl.train(
        None,
        store,
        tmp_path / "m",
        from_=ocean_model_path,
        settings={"denoiser.training.samples": 8},
        precision="fp32",
        quiet=True,
    )
    drawn = hl.load(out).generate(1, seed=0, quiet=True)
    assert {"thetao", "so", "zos"} <= set(drawn.data_vars)
    assert "o2" not in drawn.data_vars
    assert card_of(out)["conditions"]["parameters"] == card_of(ocean_model_path)["conditions"]["parameters"]


def with_oxygen(path, out):
    """The same store with oxygen before all other fields."""
    store = open_store(path)
    names = tuple(f"o2_{k:02d}" for k in range(store.grid.levels))
    create_store(
        out,
        store.grid,
        (*names, *store.channels),
        store.members,
        store.hours,
        {},
        calendar=store.calendar,
        splits=store.attributes["splits"],
        members_table=store.table,
    )
    writer = StoreWriter(out)
    for member in range(store.members):
        for index in range(len(store.hours)):
            values = store.read(member, index)
            writer.write(member, index, np.concatenate([0 * values[: len(names)] + 200, values]))
    finish_store(out)
    return out


def test_an_ocean_without_the_models_parameters_is_refused(ocean_model_path, ocean_store, tmp_path):
    bare = replace(ocean_store, table=None)
    with pytest.raises(InputError, match="parameters of the members"):
        hl.train(None, bare, tmp_path / "m", from_=ocean_model_path, quiet=True)
    assert not list(tmp_path.iterdir())


def test_the_command_adapts_without_a_recipe(flow, home, tmp_path):
    from typer.testing import CliRunner

    from halocline.cli.main import app

    out = tmp_path / "m"
    words = ["train", "--from", str(flow), "--data", str(home), "--out", str(out), "--set", "training.samples=6"]
    done = CliRunner().invoke(app, [*words, "--precision", "fp32", "--quiet"])
    assert done.exit_code == 0, done.output
    shown = CliRunner().invoke(app, ["inspect", str(out)]).output
    assert "adapted from" in shown
    assert "flow" in shown


def ice_dataset(grid, every_hours, names, times=8):
    import cftime

    hours = np.arange(times) * every_hours
    dataset = grid.to_dataset()
    values = {name: [] for name in names}
    for index, hour in enumerate(hours):
        ice = toy_sample(grid, 30, index)
        fields = dict(zip(STATE, [*ice, 0.1 * ice[0]], strict=True))
        fields |= dict(zip(("t2m", "q2m", "u10", "v10"), weather(grid, int(hour), 0), strict=True))
        for name in names:
            values[name].append(fields[name])
    for name in names:
        dataset[name] = (("time", "y", "x"), np.stack(values[name]), {"units": variable(name).unit})
    return dataset.assign_coords(time=cftime.num2date(hours, "hours since 2000-01-01", calendar="noleap"))


ALL = (*STATE, "t2m", "q2m", "u10", "v10")
SPLITS = {"train": [(0, 0)], "validation": [(0, 0)]}


def test_degree_days_that_a_store_is_too_short_for_are_the_models(flow, tmp_path):
    """Three days hold means over two days, not over five: these are given as their mean where the model was trained."""
    write_store(ice_dataset(toy_grid(), 12, ALL, times=7), tmp_path / "s.zarr", splits=SPLITS)
    before, after = (
        card_of(m)["codec"] for m in (flow, adapt(flow, tmp_path / "s.zarr", tmp_path / "m", statistics="data"))
    )
    same = {name for name in before["mean"] if after["mean"][name] == before["mean"][name]}
    assert same == {"pdd_5", "fdd_5"}
    auto = card_of(adapt(flow, tmp_path / "s.zarr", tmp_path / "auto"))["codec"]
    assert auto["mean"] == before["mean"]  # a month would say little of a year
    hours = np.arange(0, 73, 12)
    assert DegreeDays((2, 5)).unfilled(hours) == ("pdd_5", "fdd_5")
    assert DegreeDays((2, 366)).unfilled(np.arange(0, 8760, 12)) == ()  # a whole year is repeated


def test_missing_variables_are_refused_in_one_error_and_leave_nothing(flow, tmp_path):
    some = [name for name in ALL if name not in ("sid", "u10")]
    write_store(ice_dataset(toy_grid(), 12, some), tmp_path / "s.zarr", splits=SPLITS)
    with pytest.raises(InputError, match="no sid, u10"):
        adapt(flow, tmp_path / "s.zarr", tmp_path / "m")
    assert [f.name for f in tmp_path.iterdir()] == ["s.zarr"]


@pytest.mark.parametrize(("hours", "works"), [(4, True), (12, True), (24, False)])
def test_the_stores_interval_divides_the_models_step(flow, tmp_path, hours, works):
    write_store(ice_dataset(toy_grid(), hours, ALL), tmp_path / "s.zarr", splits=SPLITS)
    if works:
        assert card_of(adapt(flow, tmp_path / "s.zarr", tmp_path / "m"))["codec"]["step_hours"] == 12
        return
    with pytest.raises(InputError, match="no two states 12 h apart"):
        adapt(flow, tmp_path / "s.zarr", tmp_path / "m")
    assert [f.name for f in tmp_path.iterdir()] == ["s.zarr"]


@pytest.mark.parametrize(
    ("wrong", "error"),
    [
        ({"denoiser.width": 64}, ConfigError),
        ({"network.width": 32}, ModelError),
        ({"season": False}, ModelError),
        ({"step_hours": 7}, InputError),
    ],
)
def test_a_failing_start_leaves_nothing_that_blocks_the_corrected_one(flow, home, tmp_path, wrong, error):
    with pytest.raises(error):
        adapt(flow, home, tmp_path / "m", **wrong)
    assert not list(tmp_path.iterdir())
    adapt(flow, home, tmp_path / "m")


def test_what_cannot_be_started_from(flow, home, model_path, tmp_path):
    with pytest.raises(ConfigError, match="give --from MODEL"):
        hl.train(None, home, tmp_path / "m")
    with pytest.raises(ModelError, match="nowhere"):
        adapt("nowhere", home, tmp_path / "m")
    with pytest.raises(ModelError, match="recipe 'seaice-generator'"):
        hl.train("arctic-onepass-100km", home, tmp_path / "m", from_=model_path)
    with pytest.raises(OutputError, match="exists already"):
        adapt(flow, home, flow)


def test_an_adaptation_that_was_killed_goes_on_from_the_same_model_only(flow, home, tmp_path, monkeypatch):
    from halocline.training.denoiser_task import DenoiserTask

    loss, seen = DenoiserTask.loss, []

    def killed(self, batch):
        seen.append(1)
        if len(seen) > 1:
            raise KeyboardInterrupt
        return loss(self, batch)

    whole = adapt(flow, home, tmp_path / "whole")
    with monkeypatch.context() as patch:
        patch.setattr(DenoiserTask, "loss", killed)
        with pytest.raises(KeyboardInterrupt):
            adapt(flow, home, tmp_path / "m")
    how = {"settings": TOY_TRAINING, "precision": "fp32", "quiet": True, "resume": True}
    with pytest.raises(HaloclineError, match="another recipe"):
        hl.train(None, home, tmp_path / "m", from_=whole, **how)
    out = hl.train(None, home, tmp_path / "m", from_=flow, **how)
    assert files.sha256_of(out / "model.safetensors") == files.sha256_of(whole / "model.safetensors")
