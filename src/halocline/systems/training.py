"""Train a system from a store to a model folder, stage by stage, resumable to the bit.

While a training runs everything lies in ``MODEL.training``; the model folder appears whole at the end.
"""

import contextlib
import hashlib
import json
import platform
import sys
from pathlib import Path

import torch

from halocline.data.store.store import StateStore
from halocline.runtime import files
from halocline.runtime.device import Compute
from halocline.runtime.disk.clean_start import clean_start
from halocline.runtime.disk.leftovers import clear_inside
from halocline.runtime.errors import ConfigError, OutputError
from halocline.runtime.model_folder import LOG, write_model
from halocline.runtime.processes.joining import joined_ranks
from halocline.runtime.ranks import Ranks
from halocline.runtime.run_lock import beside_first_rank, only_run
from halocline.runtime.seals.json_object import read_json, write_json
from halocline.runtime.version import __version__
from halocline.systems.base_config import SystemConfig, trained_part
from halocline.systems.initial import Initial
from halocline.systems.protocol import SYSTEMS
from halocline.systems.run import TrainingRun
from halocline.systems.shares import require_equal_shares
from halocline.training.checkpoint import POINTER
from halocline.training.stop import StopRequested


def train(
    config: SystemConfig,
    store: StateStore,
    out: Path,
    compute: Compute,
    *,
    name: str = "",
    command: str = "",
    resume: bool = False,
    half: bool = False,
    share_packed: bool = False,
    quiet: bool = False,
) -> Path:
    """Train every stage of a recipe and write the model folder; under torchrun or srun with the other processes.

    Args:
        config: The recipe.
        store: Training data.
        out: Model folder to make; must not exist.
        compute: Device and precision.
        name: The model's name in its card.
        command: The command line that a reader of the card can run again.
        resume: Continue a training that was stopped or killed.
        half: Store weights in float16 (for models that ship).
        share_packed: Leave a surrogate's packed records beside the store, for other trainings on it.
        quiet: Show no progress.

    Raises:
        OutputError: If ``out`` exists, or an unfinished training lies there and ``resume`` is not given.
        ConfigError: If ``resume`` meets a training of another recipe or other data, a recipe cannot be compiled, or
            its batches cannot be shared out.
        StopRequested: On Ctrl-C, SIGTERM or SIGUSR1, after writing a checkpoint.
        RankError: If another process ends early.
    """
    out = Path(out)
    with joined_ranks(compute.device, together=StopRequested) as ranks, contextlib.ExitStack() as held:
        ranks.lead(lambda: held.enter_context(only_run(out)))
        if ranks.rank > 0:
            held.enter_context(beside_first_rank(out))
        _train(config, store, out, compute, ranks, name, command, resume, half, share_packed, quiet or ranks.rank > 0)
    return out


def _train(
    config: SystemConfig,
    store: StateStore,
    out: Path,
    compute: Compute,
    ranks: Ranks,
    name: str,
    command: str,
    resume: bool,
    half: bool,
    share_packed: bool,
    quiet: bool,
) -> None:
    work = out.with_name(out.name + ".training")
    finished = resume and out.exists() and work.exists()  # killed between the last rename and the tidying up
    ranks.wait()
    if finished:
        ranks.lead(lambda: files.remove(work))
        return
    files.require_absent(out)
    require_equal_shares(config, ranks.size, compute.accumulate)
    system = SYSTEMS[config.recipe]
    if compute.compiled and not system.compiles:
        raise ConfigError(
            "--compile",
            found=f"the recipe '{config.recipe}'",
            expected="a system whose network can be compiled",
            remedy="Leave --compile out.",
        )
    initial = Initial.of(config)
    notes = [] if initial is None else initial.check(store)
    for note in notes if not quiet else ():
        print(note, file=sys.stderr)
    ranks.lead(lambda: _open_work(work, _identity(config, store, compute, initial), resume))
    run = TrainingRun(work, compute, quiet, initial, ranks, share_packed)
    mine = [work] if ranks.rank == 0 else []
    with clean_start(lambda: any(work.glob(f"*/{POINTER}")), *mine):  # Ctrl-C keeps what is packed: --resume goes on
        done = system.train(config, store.remembering(), run)
    weights = run.weights
    if half:
        weights = {k: v if k.startswith("latent.") else v.half() for k, v in weights.items()}

    card = {
        "name": name or out.name,
        "recipe": config.recipe,
        "config": config.model_dump(mode="json"),
        **({} if initial is None else {"from": initial.to_card()}),
        "codec": done.codec,
        "conditions": done.conditions,
        **done.about,
        "grid": store.grid.to_card(),
        "data_fingerprint": store.fingerprint,
        "data_provenance": store.attributes.get("provenance", {}),
        "metrics": run.metrics,
        "metrics_from": "averaged weights on fixed validation samples at the end of each stage",
        "command": command,
        "parameters": run.parameters(),
        **({} if ranks.size == 1 else {"processes": ranks.size}),
        "versions": {"halocline": __version__, "torch": torch.__version__, "python": platform.python_version()},
    }

    def write() -> None:
        logs = [work / stage / LOG for stage in run.metrics]
        log = b"".join(f.read_bytes() for f in logs if f.exists())
        write_model(out, weights, store.grid.to_arrays() | dict(done.arrays), card, {LOG: log})
        files.remove(work)

    ranks.lead(write)


def _identity(
    config: SystemConfig, store: StateStore, compute: Compute, initial: Initial | None = None
) -> dict[str, str]:
    text = json.dumps(trained_part(config), sort_keys=True)
    return {
        "recipe": hashlib.sha256(text.encode()).hexdigest()[:16],
        "data": store.fingerprint,
        "precision": ("bf16" if compute.bf16 else "fp32") + (" compiled" if compute.compiled else ""),
        **({} if initial is None else {"initial model": initial.sha256}),
    }


def _open_work(work: Path, identity: dict[str, str], resume: bool) -> None:
    file = work / "identity.json"
    if not file.exists():
        if resume:
            raise OutputError(
                f"training {work}",
                found="nothing to resume",
                expected="an unfinished training",
                remedy="Leave --resume out to start one.",
            )
        write_json(file, identity)
        return
    if not resume:
        raise OutputError(
            f"training {work}",
            found="an unfinished training",
            expected="none",
            remedy="Continue it with --resume, choose another --out, or remove the folder.",
        )
    clear_inside(work)
    before = read_json(file, "identity of a training", OutputError)
    for key, value in identity.items():
        if before.get(key, value) != value:
            raise ConfigError(
                f"--resume of {work}",
                found=f"another {key} ({value})",
                expected=f"the {key} it was started with ({before.get(key)})",
                remedy="Give the same recipe, --set, --data and --precision as at the start, or choose another --out.",
            )
