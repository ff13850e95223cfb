"""Training: refuses what does not fit, loses nothing, learns something."""

import json
import multiprocessing
import os
from dataclasses import replace

import numpy as np
import pytest
import torch
from torch import nn

from halocline.data.sampling.part import WHOLE
from halocline.data.store.store import open_store
from halocline.runtime import files, limits
from halocline.runtime.device import Compute, choose_compute
from halocline.runtime.errors import ConfigError, InputError, ModelError, OutputError
from halocline.runtime.log import JsonLines
from halocline.systems.config import load_config
from halocline.systems.protocol import SYSTEMS
from halocline.systems.training import train
from halocline.training import room
from halocline.training.averages.ema import Average
from halocline.training.checkpoint import load_checkpoint, save_checkpoint
from halocline.training.loop import fit
from halocline.training.settings import TrainingSettings
from halocline.training.stop import StopRequested
from tests.conftest import OCEAN_RECIPE, TOY_RECIPE

CPU = choose_compute("cpu", "fp32")


class Quadratic:
    """A task with a known optimum: fit one number per step-keyed sample."""

    name = "quadratic"

    def __init__(self, fail_at=None, stop_at=None):
        torch.manual_seed(0)
        self.module = nn.Conv2d(1, 1, 1)
        self.fail_at, self.stop_at = fail_at, stop_at

    def batch(self, step, part=WHOLE):
        return step

    def counts(self, step):
        return torch.ones(1)

    def loss(self, step, whole=None):
        if step == self.fail_at:
            return self.module.weight.sum() * float("nan")
        if step == self.stop_at:
            import os
            import signal

            os.kill(os.getpid(), signal.SIGINT)
        return ((self.module(torch.ones(1, 1, 1, 1)) - 3.0) ** 2).mean()

    def validate(self, module):
        return {"error": float((module(torch.ones(1, 1, 1, 1)) - 3.0).abs())}


SETTINGS = TrainingSettings(samples=400, batch=1, learning_rate=0.05, weight_decay=0, ema=0.9, checkpoint_every=50)


def test_the_loop_finds_the_optimum_and_logs(tmp_path):
    _, figures = fit(Quadratic(), SETTINGS, tmp_path, CPU, quiet=True)
    assert figures["error"] < 0.02
    last = json.loads((tmp_path / "log.jsonl").read_text().splitlines()[-1])
    assert last["step"] == 400
    assert {"stage", "loss", "seconds", "error"} <= set(last)


def test_not_a_number_stops_with_a_remedy(tmp_path):
    with pytest.raises(ModelError, match="Lower the learning rate"):
        fit(Quadratic(fail_at=60), SETTINGS, tmp_path, CPU, quiet=True)
    assert (tmp_path / "checkpoint.json").exists()


def test_ctrl_c_keeps_everything(tmp_path):
    with pytest.raises(StopRequested):
        fit(Quadratic(stop_at=77), SETTINGS, tmp_path, CPU, quiet=True)
    assert json.loads((tmp_path / "checkpoint.json").read_text())["step"] == 78
    resumed, _ = fit(Quadratic(), SETTINGS, tmp_path, CPU, quiet=True)
    whole, _ = fit(Quadratic(), SETTINGS, tmp_path / "whole", CPU, quiet=True)
    assert torch.equal(resumed.weight, whole.weight)
    steps = [json.loads(line)["step"] for line in (tmp_path / "log.jsonl").read_text().splitlines()]
    assert steps == sorted(set(steps))
    assert records(tmp_path) == records(tmp_path / "whole"), "the running loss goes on"


def records(folder):
    """The log but for what a clock has measured."""
    rows = JsonLines(folder / "log.jsonl").records()
    return [{name: value for name, value in row.items() if name != "seconds"} for row in rows]


def test_a_kill_while_the_log_is_cut_loses_no_record(tmp_path, monkeypatch):
    log = JsonLines(tmp_path / "log.jsonl")
    for step in range(5):
        log.write({"stage": "s", "step": step})

    def killed(*names):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(os, "replace", killed)
        with pytest.raises(KeyboardInterrupt):
            log.cut_after("s", 2)
    assert len(log.records()) == 5
    log.cut_after("s", 2)
    assert [r["step"] for r in log.records()] == [0, 1, 2]


def test_a_model_appears_together_with_its_log(store, tmp_path, monkeypatch):
    seen, give_name = [], files.give_name

    def look(made, path):
        seen.append(sorted(file.name for file in made.iterdir()) if path.name == "m" else [])
        give_name(made, path)

    monkeypatch.setattr(files, "give_name", look)
    train(load_config(str(TOY_RECIPE)), store, tmp_path / "m", CPU, quiet=True)
    assert "log.jsonl" in seen[-1]
    assert {r["stage"] for r in records(tmp_path / "m")} == {"autoencoder", "denoiser"}


def test_ctrl_c_keeps_everything_with_batches_made_ahead(tmp_path):
    """And the helpers end with the training."""
    ahead = choose_compute("cpu", "fp32", workers=2)
    with pytest.raises(StopRequested):
        fit(Quadratic(stop_at=77), SETTINGS, tmp_path, ahead, quiet=True)
    assert json.loads((tmp_path / "checkpoint.json").read_text())["step"] == 78
    assert not multiprocessing.active_children()
    resumed, _ = fit(Quadratic(), SETTINGS, tmp_path, ahead, quiet=True)
    whole, _ = fit(Quadratic(), SETTINGS, tmp_path / "whole", CPU, quiet=True)
    assert torch.equal(resumed.weight, whole.weight)


@pytest.mark.parametrize("workers", [0, 2])
def test_damaged_data_is_named_wherever_batches_are_made(tmp_path, monkeypatch, workers):
    def damaged(self, step, part):
        if step == 60:
            raise InputError("member 3", found="NaN", expected="numbers", remedy="Copy it again.")
        return step

    monkeypatch.setattr(Quadratic, "batch", damaged)
    with pytest.raises(InputError, match=r"^member 3: found NaN"):
        fit(Quadratic(), SETTINGS, tmp_path, choose_compute("cpu", "fp32", workers=workers), quiet=True)
    assert json.loads((tmp_path / "checkpoint.json").read_text())["step"] == 50


def test_rate_rises_holds_and_falls_to_zero():
    s = TrainingSettings(samples=1000, batch=1, warmup=0.1, cooldown=0.2)
    rates = [s.rate(k) for k in range(s.steps)]
    assert max(rates) == s.learning_rate
    assert rates[0] == pytest.approx(s.learning_rate / 100)
    assert rates[-1] == pytest.approx(s.learning_rate / 200)
    assert np.ptp(rates[100:800]) == 0


def test_average_follows_and_smooths():
    module = nn.Linear(1, 1, bias=False)
    average = Average(module, 0.9)
    with torch.no_grad():
        module.weight.fill_(1.0)
        average.module.weight.fill_(0.0)
    average.update(10_000)
    assert float(average.module.weight) == pytest.approx(0.1)


@pytest.mark.parametrize("damage", ["truncate", "flip", "pointer"])
def test_a_damaged_checkpoint_is_refused(tmp_path, damage):
    module = nn.Linear(3, 3)
    optimizers = [torch.optim.AdamW(module.parameters())]
    save_checkpoint(tmp_path, 5, module, Average(module, 0.9).modules, optimizers, 0.5)
    file = next(tmp_path.glob("*.safetensors"))
    content = bytearray(file.read_bytes())
    if damage == "truncate":
        file.write_bytes(content[:-10])
    elif damage == "flip":
        content[-1] ^= 1
        file.write_bytes(content)
    else:
        (tmp_path / "checkpoint.json").write_text("{")
    with pytest.raises(ModelError, match="checkpoint"):
        load_checkpoint(tmp_path, module, Average(module, 0.9).modules, optimizers)


def test_resume_with_another_recipe_is_refused(store, tmp_path):
    out = tmp_path / "m"
    work = tmp_path / "m.training"
    work.mkdir()
    from halocline.systems.training import _identity

    (work / "identity.json").write_text(json.dumps(_identity(load_config(str(TOY_RECIPE)), store, CPU)))
    other = load_config(str(TOY_RECIPE), ["denoiser.width=16"])
    with pytest.raises(ConfigError, match="another recipe"):
        train(other, store, out, CPU, resume=True, quiet=True)
    with pytest.raises(OutputError, match="unfinished training"):
        train(other, store, out, CPU, quiet=True)
    assert list(work.iterdir()) == [work / "identity.json"]


def test_nothing_to_resume_and_existing_model(store, model_path, tmp_path):
    config = load_config(str(TOY_RECIPE))
    with pytest.raises(OutputError, match="nothing to resume"):
        train(config, store, tmp_path / "none", CPU, resume=True, quiet=True)
    with pytest.raises(OutputError, match="exists already"):
        train(config, store, model_path, CPU, quiet=True)


def test_a_variable_that_is_not_in_the_store(store, tmp_path):
    config = load_config(str(TOY_RECIPE), ['variables=["sit","snt"]'])
    with pytest.raises(InputError, match="'snt'"):
        train(config, store, tmp_path / "m", CPU, quiet=True)
    assert not list(tmp_path.iterdir())  # nothing that blocks the corrected start


def test_the_full_disk_leaves_the_last_checkpoint(tmp_path, monkeypatch):
    import errno
    import os

    fit(Quadratic(), SETTINGS.model_copy(update={"samples": 50}), tmp_path, CPU, quiet=True)
    before = {f.name: f.read_bytes() for f in tmp_path.iterdir() if "checkpoint" in f.name}

    def full(handle):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OutputError, match="disk is full"):
        fit(Quadratic(), SETTINGS, tmp_path, CPU, quiet=True)
    assert {f.name: f.read_bytes() for f in tmp_path.iterdir() if "checkpoint" in f.name} == before


def test_the_ocean_recipe_refuses_other_stores_and_unknown_parameters(store, ocean_store, tmp_path):
    with pytest.raises(InputError, match="halocline simulate dino"):
        train(load_config(str(OCEAN_RECIPE)), store, tmp_path / "a", CPU, quiet=True)
    config = load_config(str(OCEAN_RECIPE), ['condition=["wind_strss"]'])
    with pytest.raises(ConfigError, match="Did you mean 'wind_stress'"):
        train(config, ocean_store, tmp_path / "b", CPU, quiet=True)
    with pytest.raises(InputError, match="'sit'"):
        train(load_config(str(TOY_RECIPE)), ocean_store, tmp_path / "c", CPU, quiet=True)


def test_the_cosine_rate_starts_at_its_peak_and_ends_at_zero():
    s = TrainingSettings(samples=1000, batch=1, warmup=0.0, decay="cosine", learning_rate=1e-4)
    rates = [s.rate(k) for k in range(s.steps)]
    assert rates[0] == 1e-4
    assert rates[500] == pytest.approx(5e-5)
    assert rates == sorted(rates, reverse=True)
    assert rates[-1] < 1e-9


def test_without_an_average_the_weights_are_the_trained_ones():
    trained = nn.Linear(3, 3)
    average = Average(trained, 0.0)
    with torch.no_grad():
        trained.weight += 1.0
    average.update(7)
    assert torch.equal(average.module.weight, trained.weight)


def test_a_system_that_cannot_be_compiled_says_so(store, tmp_path, monkeypatch):
    config = load_config(str(TOY_RECIPE))
    monkeypatch.setattr(type(SYSTEMS[config.recipe]), "compiles", False)
    with pytest.raises(ConfigError, match="expected a system whose network can be compiled"):
        train(config, store, tmp_path / "m", Compute(torch.device("cpu"), False, True), quiet=True)
    assert list(tmp_path.iterdir()) == []


def test_a_batch_whose_activations_do_not_fit_is_refused_before_the_first_step(store_path, tmp_path, monkeypatch):
    """By what its samples leave behind, many times the samples; of a batch in parts one part counts."""
    asked = []
    need = limits.require_memory

    def noted(field, size, remedy):
        asked.append(size)
        need(field, size, remedy)

    def go(out, accumulate=1):
        sizes = ["space=data", "denoiser.training.samples=128", "denoiser.training.batch=64"]
        compute = replace(choose_compute("cpu", "fp32"), accumulate=accumulate)
        store = open_store(store_path)
        return train(load_config(str(TOY_RECIPE), sizes), store, tmp_path / out, compute, command="toy", quiet=True)

    monkeypatch.setattr(room, "require_memory", noted)
    go("m")
    go("n", accumulate=2)
    assert asked[1] == asked[0] / 2 > 10 * 32 * 5 * 4 * 16 * 16
    monkeypatch.setattr(limits, "memory_bytes", lambda: int(0.9 * asked[0]))
    with pytest.raises(ConfigError, match=r"training batch of 64.*--accumulate"):
        go("o")
    assert not list(tmp_path.glob("o*"))
