"""The parts of a batch are the batch: what is drawn, the loss, its gradient; for the tasks of every system."""

import numpy as np
import pytest
import torch

from halocline.data.sampling.part import Part
from halocline.data.store.store import open_store
from halocline.runtime.device import choose_compute
from halocline.runtime.errors import ConfigError, ModelError
from halocline.runtime.ranks import Ranks
from halocline.systems.config import load_config
from halocline.systems.protocol import SYSTEMS
from halocline.systems.run import TrainingRun
from halocline.systems.shares import require_equal_shares
from halocline.training.gradients import backward
from halocline.training.vitals import Vitals
from tests.conftest import OCEAN_RECIPE, TOY_RECIPE
from tests.surrogate_toy import SURROGATE_RECIPE, surrogate_store

CPU = choose_compute("cpu", "fp32")
DETAIL = '\n[detail]\nwidth = 8\nkind = "{}"\ncrop = {}\ncrops = {}\n\n[detail.training]\nsamples = 64\nbatch = {}\n'


class Recorder(TrainingRun):
    """A run that trains nothing and keeps the tasks it was to train."""

    def fit(self, task, settings):
        self.metrics[task.name] = {}
        self.weights |= {f"{task.name}.{key}": value for key, value in task.module.named_parameters()}
        self.__dict__.setdefault("tasks", {})[task.name] = task
        return task.module


def tasks_of(config, store_path, folder):
    folder.mkdir()
    run = Recorder(folder, CPU, quiet=True)
    SYSTEMS[config.recipe].train(config, open_store(store_path).remembering(), run)
    return run.tasks


@pytest.fixture(scope="module")
def tasks(store_path, ocean_store_path, tmp_path_factory):
    """Every task that systems train, by name, with networks that answer and batches of 8."""
    folder = tmp_path_factory.mktemp("tasks")
    weather = surrogate_store(folder / "weather.zarr", steps=8)
    found = {}
    for kind, sizes in (("flow", (8, 2, 16)), ("crps", (0, 1, 8))):
        recipe = folder / f"{kind}.toml"
        recipe.write_text(TOY_RECIPE.read_text() + DETAIL.format(kind, *sizes))
        latent = tasks_of(load_config(str(recipe)), store_path, folder / kind)
        found |= {"autoencoder": latent["autoencoder"], "latent denoiser": latent["denoiser"]}
        found[f"detail {kind}"] = latent["detail"]
    words = ["space=data", "detail.level=1", 'condition=["day_of_year"]', "denoiser.drop_conditions=0.4"]
    data = tasks_of(load_config(str(folder / "flow.toml"), words), store_path, folder / "data")
    found["detail of data"] = data["detail"]
    told = load_config(str(OCEAN_RECIPE), ["denoiser.drop_conditions=0.4"])
    found["ocean"] = tasks_of(told, ocean_store_path, folder / "ocean")["denoiser"]
    for objective in ("flow", "regression", "crps"):
        words = [f"objective={objective}", "training.batch=8", "pure_noise=0.25", "patches.inner=6", "scales=[1,4]"]
        config = load_config(str(SURROGATE_RECIPE), words)
        found[f"surrogate {objective}"] = tasks_of(config, weather, folder / f"surrogate-{objective}")["surrogate"]
    config = load_config(str(SURROGATE_RECIPE), [*words, "energy=1"])
    found["surrogate energy"] = tasks_of(config, weather, folder / "surrogate-energy")["surrogate"]
    for task in found.values():
        _perturb(task.module)
    return found


def _perturb(module):
    """Fresh networks answer 0 whatever they see; these do not."""
    random = torch.Generator().manual_seed(0)
    with torch.no_grad():
        for parameter in module.parameters():
            parameter.add_(0.05 * torch.randn(parameter.shape, generator=random))


NAMES = ["autoencoder", "latent denoiser", "detail flow", "detail crps", "detail of data", "ocean"]
NAMES += ["surrogate flow", "surrogate regression", "surrogate crps", "surrogate energy"]


def flat(batch):
    """The tensors of a batch, those of what is given among them."""
    parts = [part for part in batch if part is not None]
    return [one for part in parts for one in (flat(part) if isinstance(part, tuple) else [part])]


@pytest.mark.parametrize("name", NAMES)
def test_the_parts_put_together_are_the_batch(tasks, name):
    task = tasks[name]
    whole = flat(task.batch(3))
    parts = [flat(task.batch(3, Part(k, 4))) for k in range(4)]
    for k, tensor in enumerate(whole):
        pieces = [part[k] for part in parts]
        axis = next((n for n, size in enumerate(tensor.shape) if size != pieces[0].shape[n]), None)
        if name.startswith("detail") and tensor.dtype == torch.int64 and tensor.ndim == 1:  # number of the field
            pieces = [piece + n * (len(whole[1]) // 4) for n, piece in enumerate(pieces)]
        assert torch.equal(tensor, pieces[0] if axis is None else torch.cat(pieces, axis))


def gradient(task, parts):
    """Loss, and the gradient of all parameters as one vector, of a batch passed in so many parts."""
    task.module.zero_grad()
    loss = backward(task, [task.batch(3, Part(k, parts)) for k in range(parts)], Ranks(), CPU)
    return float(loss), torch.cat([p.grad.flatten() for p in task.module.parameters() if p.grad is not None])


@pytest.mark.parametrize("name", NAMES)
def test_losses_and_gradients_of_parts_add_up(tasks, name):
    """To float32's rounding, 1e-5 of the gradient's norm."""
    loss, whole = gradient(tasks[name], 1)
    for parts in (2, 4):
        again, summed = gradient(tasks[name], parts)
        assert again == pytest.approx(loss, rel=1e-5)
        assert float((summed - whole).norm() / whole.norm()) < 1e-5


@pytest.mark.parametrize("name", ["surrogate flow", "surrogate crps", "surrogate energy"])
def test_a_mean_of_the_parts_means_would_be_another_loss(tasks, name):
    """Patches differ in how much of them is ocean: the counts of the whole batch are what makes the parts add up."""
    task = tasks[name]
    means = [task.loss(task.batch(3, Part(k, 4))).item() for k in range(4)]
    assert abs(np.mean(means) / task.loss(task.batch(3)).item() - 1) > 1e-3


@pytest.mark.parametrize("device", ["cpu", "cuda"])
def test_what_is_known_of_steps_comes_late_from_an_accelerator_and_is_the_same(device):
    vitals, running = Vitals("toy", torch.device(device)), 3.0
    for step, (loss, stops) in enumerate([(3.0, 0.0), (1.0, 1.0), (2.0, 0.0)]):
        vitals.put(step, torch.tensor([loss, 1.0, stops]))
        vitals.read()
        assert vitals.stop == (step >= (2 if device == "cuda" else 1))
        running = running if step == 0 else 0.98 * running + 0.02 * loss
        assert vitals.running == running or device == "cuda"
    vitals.put(3, torch.tensor([1.0, float("inf"), 0.0]))
    with pytest.raises(ModelError, match="training toy, step 3"):
        vitals.read(all=True)
    assert vitals.running == running


def test_batches_that_cannot_be_shared_out_are_refused(tmp_path):
    latent = load_config(str(TOY_RECIPE))
    require_equal_shares(latent, 2, 4)
    with pytest.raises(ConfigError, match=r"autoencoder\.training\.batch: found 8 samples .* 3 processes x 1 passes"):
        require_equal_shares(latent, 3, 1)
    data = load_config(str(TOY_RECIPE), ["space=data", "denoiser.training.batch=9"])
    require_equal_shares(data, 3, 3)  # its autoencoder is not used
    with pytest.raises(ConfigError, match=r"--set denoiser\.training\.batch=8 or 10"):
        require_equal_shares(data, 2, 1)
    recipe = tmp_path / "squares.toml"
    recipe.write_text(TOY_RECIPE.read_text() + DETAIL.format("flow", 8, 4, 8))
    with pytest.raises(ConfigError, match=r"detail\.training\.batch: found 2 samples"):
        require_equal_shares(load_config(str(recipe)), 4, 1)
    with pytest.raises(ConfigError, match="--accumulate"):
        choose_compute("cpu", "fp32", accumulate=0)
