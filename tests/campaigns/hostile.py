"""Hostile arguments, cards and recipes: each must be refused in words, or obeyed; none may end in a traceback.

python -m tests.campaigns.hostile
"""

import contextlib
import copy
import hashlib
import io
import json
import shutil
import sys
import tempfile
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest import mock

import typer
import xarray as xr

from halocline.cli import main as command
from halocline.cli.main import app
from tests.campaigns.artefacts import GOLDEN
from tests.toy import toy_store

MODEL, STORE, FORECAST = GOLDEN / "models" / "seaice-data", GOLDEN / "stores" / "arctic.zarr", GOLDEN / "states"
NUMBERS = (
    "nan",
    "inf",
    "-inf",
    "-1",
    "0",
    "1e999",
    "99999999999999999999",
    "true",
    "x",
    "",
    "１",
    "0x10",
    "1_0",
    "1;2",
)
ESCAPES = "\x1b[31m[bold]\x9b2J\u202e[/nothing]"


@dataclass(frozen=True)
class Case:
    """Words of a command line.

    Attributes:
        kind: ``arguments``, ``cards``, ``recipes`` or ``files``.
        words: The words.
        obeyed: Whether the command may do what it is told, too.
        about: What the answer must name.
    """

    kind: str
    words: tuple[str, ...]
    obeyed: bool = False
    about: str = ""


@dataclass(frozen=True)
class Answer:
    """What a command said.

    Attributes:
        case: To what.
        code: Its exit status; None after a traceback.
        words: All that it wrote.
    """

    case: Case
    code: int | None
    words: str

    @property
    def wrong(self) -> str:
        """What is wrong with it; empty if nothing is."""
        if self.code is None:
            return "traceback"
        if any(character in self.words for character in "\x1b\x9b\u202e"):
            return "raw escapes"
        if self.code not in (2, *((0,) if self.case.obeyed else ())):
            return "accepted" if self.code == 0 else f"exit status {self.code}"
        return "" if self.case.about in self.words else f"refused for something else than {self.case.about}"


def answer(case: Case) -> Answer:
    """Run a command line in this process."""
    out = io.StringIO()
    code: int | None = 0
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(out), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with mock.patch.object(sys, "argv", ["halocline", *case.words]):
            try:
                command()
            except SystemExit as done:
                code = done.code if isinstance(done.code, int) else 0
            except BaseException as error:  # a traceback for whoever typed it
                return Answer(case, None, f"{out.getvalue()}{type(error).__name__}: {error}")
    return Answer(case, code, out.getvalue())


def cases(work: Path) -> Iterator[Case]:
    """Yield all cases."""
    yield from _arguments(work)
    yield from _numbers_of_all(work)
    yield from _recipes(work)
    yield from _cards(work)
    yield from _files(work)


def _numbers_of_all(work: Path) -> Iterator[Case]:
    """Every number that any command takes: refused by its own name, whatever else the command line says."""
    for path, found in _commands(typer.main.get_command(app)):
        needed: list[str] = []
        for parameter in found.params:
            if parameter.required:
                where = str(work / "absent.nc")
                needed += [where] if parameter.param_type_name == "argument" else [f"{parameter.opts[0]}={where}"]
        for parameter in found.params:
            if (kind := parameter.type_descriptor.annotation) in (int, float):
                whole = ("true", "x", "") if kind is float else ("1.5", "true", "x", "", "99999999999999999999")
                for value in ("nan", "inf", "-inf", "1e999", *whole):
                    option = parameter.opts[0]
                    yield Case("arguments", (*path, *needed, f"{option}={value}"), about=option.lstrip("-"))


def _commands(command: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    if hasattr(command, "commands"):
        for name, inside in command.commands.items():
            yield from _commands(inside, (*path, name))
    else:
        yield path, command


def _arguments(work: Path) -> Iterator[Case]:
    out = str(work / "out.nc")
    draw = ("generate", str(MODEL), "--quiet", "--members", "1", "--out", out)
    for option in ("members", "seed", "first", "batch", "steps", "fine-share", "guidance", "threads"):
        fine = {"seed": {"0", "-1"}, "first": {"0"}, "fine-share": {"0"}}.get(option, set())
        for value in NUMBERS:
            if value not in fine | {"１", "1_0"}:
                yield Case("arguments", (*draw, f"--{option}={value}"))
    big = {
        "members": "1000000000",
        "batch": "99999999999",
        "steps": "999999999",
        "threads": "100000",
        "first": "2147483647",
    }
    yield from (Case("arguments", (*draw, f"--{name}={value}")) for name, value in big.items())
    for option, values in {
        "precision": ("fp16", "FP32", "", "float32", "none"),
        "device": ("gpu", "cuda:99", "cpu:x", "cuda:-1", "", "meta", "cuda:"),
        "solver": ("eulr", "", "../heun"),
        "constraint": ("non", "", ESCAPES),
        "condition": ("day_of_year=nan", "day_of_year=inf", "day_of_year", "=1", "x=1", f"{ESCAPES}=1"),
        "out": (
            ".",
            "..",
            "/",
            "x" * 300 + ".nc",
            "a.txt",
            "/proc/x.nc",
            "/dev/null/x.nc",
            str(work / "no\x1b[31m.txt"),
        ),
    }.items():
        yield from (Case("arguments", (*draw, f"--{option}={value}")) for value in values)
    go = ("forecast", "persistence", "--quiet", "--start", str(STORE), "--out", str(work / "f.zarr"))
    for option in (
        "days",
        "years",
        "members",
        "starts",
        "store-member",
        "start-index",
        "output-hours",
        "threads",
        "seed",
    ):
        fine = {"seed": {"0", "-1"}, "store-member": {"0"}, "start-index": {"0"}}.get(option, set())
        for value in ("nan", "inf", "-1", "0", "1e999", "99999999999999999999", "true", "x", ""):
            if value not in fine:
                yield Case("arguments", (*go, f"--{option}={value}"))
    for option, values in {
        "at": (
            "2000-01-01 12:30",
            "2000-01-01T12:00Z",
            "2000-01-01 12:00+01:00",
            "2000-02-30",
            "nan",
            "",
            "2000-01-01 1_2",
        ),
        "memory": ("nan", "-1GB", "1e400GB", "x", "", "0", "1"),
        "split": ("tests", "", ESCAPES),
        "store-member": ("7",),
        "members": ("1000000000",),
        "days": ("1e300",),
        "noise-hours": ("nan", "-1"),
        "precision": ("half",),
    }.items():
        at = () if option != "store-member" else ("--at", "2000-01-01")
        yield from (Case("arguments", (*go, "--days", "0.5", *at, f"--{option}={value}")) for value in values)
    ends = (*go[:4], str(FORECAST / "forecast.zarr"), *go[5:], "--days", "0.5")
    yield Case("arguments", (*ends, "--members", "3"))
    yield Case("arguments", ends, obeyed=True)
    fix = ("constrain", str(FORECAST / "ocean.nc"), "--out", out)
    for value in ("nan", "-5", "x", "", "inf"):
        yield Case("arguments", (*fix, "--constraint", "stability", f"--reference={value}"))
    for value in ("nan", "0", "-1", "99999999999999999999"):
        yield Case("arguments", (*fix, "--constraint", "patterns", f"--patterns={value}"))
    ice = ("simulate", "arctic", "--out", str(work / "s.zarr"), "--quiet")
    for option in ("years", "members", "jobs", "resolution", "interval-hours"):
        for value in ("-1", "0", "99999999999999999999", "nan", "true"):
            yield Case("arguments", (*ice, f"--{option}={value}"))
    for word in (
        "--warming=nan",
        "--warming=1e9",
        "--set=dynamics.air_drag=nan",
        "--set=x=1",
        "--set=dynamics.air_drag",
    ):
        yield Case("arguments", (*ice, word))
    sea = ("simulate", "dino", "--out", str(work / "d.zarr"), "--quiet")
    for word in (
        "--members=0",
        "--years=-1",
        "--sample-days=0",
        "--jobs=0",
        "--preset=R3",
        "--seed=1e9",
        "--members=1000001",
    ):
        yield Case("arguments", (*sea, word))


def _recipes(work: Path) -> Iterator[Case]:
    store = toy_store(work / "toy.zarr", 1, 3, 60, 8)
    whole = (Path(__file__).parents[1] / "toy.toml").read_text(encoding="utf-8")
    learn = ("--data", str(store), "--out", str(work / "model"), "--quiet", "--device", "cpu")
    values = ("nan", "inf", "-1", "0", "true", '"x"', "[]", "1e300", "99999999999999999999", "{}", "2.5")
    for key in ("autoencoder.width", "denoiser.width", "denoiser.blocks", "denoiser.patch", "denoiser.training.batch"):
        yield from (Case("recipes", ("train", "TOML", *learn, "--set", f"{key}={value}")) for value in values)
    fine = {"denoiser.multipliers": (), "seed": ("-1", "0", "[]"), "denoiser.training.samples": ()}
    for key in ("denoiser.multipliers", "denoiser.training.learning_rate", "denoiser.training.samples", "recipe"):
        for value in values:
            if not (key.endswith("rate") and value in ("2.5", "1e300")) and value not in fine.get(key, ()):
                yield Case("recipes", ("train", "TOML", *learn, "--set", f"{key}={value}"))
    for change in (
        "denoiser.width=60000",
        "denoiser.multipliers=[1,1000]",
        "denoiser.training.batch=1000000",
        "x.y=1",
        "a",
    ):
        yield Case("recipes", ("train", "TOML", *learn, "--set", change))
    texts = (
        b"",
        b"\xff\xfe",
        b"recipe = ",
        b"[" * 5000,
        whole.encode()[:200],
        b"recipe = true",
        b"recipe = 1\n",
        b"\0" * 99,
    )
    for number, text in enumerate(texts):
        file = work / f"{number}.toml"
        file.write_bytes(text)
        yield Case("recipes", ("train", str(file), *learn))
    (work / "folder.toml").mkdir()
    yield Case("recipes", ("train", str(work / "folder.toml"), *learn))
    yield Case("recipes", ("train", "../../etc/passwd", *learn))
    (work / "TOML").write_text(whole, encoding="utf-8")


def _cards(work: Path) -> Iterator[Case]:
    whole = json.loads((MODEL / "card.json").read_bytes())
    changes = [((key,), value) for key in whole for value in (None, 0, "x", [], {}, True) if key != "card_sha256"]
    for section in ("config", "codec", "grid"):
        changes += [((section, key), value) for key in whole[section] for value in (None, "x", [], -1, {})]
    changes += [(("files",), {}), (("files", "../../x"), "0" * 64), (("files", "/etc/passwd"), "0" * 64)]
    changes += [(("name",), ESCAPES), (("command",), ESCAPES), (("grid", "name"), ESCAPES), (("recipe",), ESCAPES)]
    for number, (place, value) in enumerate(changes):
        card = copy.deepcopy(whole)
        inside = card
        for key in place[:-1]:
            inside = inside[key]
        inside[place[-1]] = value
        folder = _model(work / f"card-{number}", card)
        yield Case("cards", ("inspect", str(folder), "--verify"), obeyed=True)
        draw = ("generate", str(folder), "--members=1", "--quiet", "--out", str(work / f"{number}.nc"))
        yield Case("cards", draw, obeyed=True)
    for text in (b"", b"[]", b"null", b"1", b'"x"', b"{", b"[" * 100_000, b"\xff", b'{"card_sha256": 1}'):
        folder = work / f"raw-{len(text)}-{text[:1].hex()}"
        shutil.copytree(MODEL, folder)
        (folder / "card.json").write_bytes(text)
        yield Case("cards", ("inspect", str(folder)))


def _model(folder: Path, card: dict) -> Path:
    shutil.copytree(MODEL, folder)
    bare = {key: value for key, value in card.items() if key != "card_sha256"}
    bare["card_sha256"] = hashlib.sha256(json.dumps(bare, sort_keys=True).encode()).hexdigest()
    (folder / "card.json").write_text(json.dumps(bare), encoding="utf-8")
    return folder


def _files(work: Path) -> Iterator[Case]:
    drawn = xr.open_dataset(FORECAST / "seaice-latent.nc", decode_times=False).load()
    escaped = drawn.assign_attrs(
        title=ESCAPES, halocline_model=ESCAPES, halocline_note=f'{{"a": "{ESCAPES}"}}'.encode()
    )
    escaped.to_netcdf(work / "escapes.nc")
    named = work / f"name{ESCAPES.replace('/', '')}.nc"
    drawn.to_netcdf(named)
    wrong = drawn.copy()
    wrong["sit"].attrs["units"] = ESCAPES
    wrong.to_netcdf(work / "units.nc")
    (work / "empty.nc").write_bytes(b"")
    (work / "text.nc").write_text("no NetCDF", encoding="utf-8")
    (work / "empty.zarr").mkdir()
    (work / "loop.nc").symlink_to(work / "loop.nc")
    for path in (work / "escapes.nc", named):
        for words in (("--verify",), ("--json",), ()):
            yield Case("files", ("inspect", str(path), *words), obeyed=True)
    absent = work / f"absent{ESCAPES.replace('/', '')}"
    for path in (
        work / "units.nc",
        absent,
        *(work / n for n in ("empty.nc", "text.nc", "empty.zarr", "loop.nc")),
        Path("/dev/null"),
    ):
        yield Case("files", ("inspect", str(path), "--verify"), obeyed=path.name in ("units.nc", "empty.zarr"))
        yield Case("files", ("score", str(path), "--reference", str(STORE)))
        yield Case("files", ("constrain", str(path), "--constraint", "ice-bounds", "--out", str(work / "c.nc")))
        yield Case(
            "files", ("forecast", "persistence", "--start", str(path), "--out", str(work / "g.zarr"), "--days", "1")
        )
        yield Case("files", ("generate", str(path), "--out", str(work / "g.nc")))
        yield Case("files", ("import", str(path), "--out", str(work / "i.zarr")))


def campaign(work: Path, share: int = 1) -> list[Answer]:
    """Give every ``share``-th case to the command line."""
    work.mkdir(exist_ok=True)
    found = []
    for number, case in enumerate(cases(work)):
        if number % share == 0:
            toml = Path(__file__).parents[1] / "toy.toml"
            found.append(
                answer(Case(case.kind, tuple(str(toml) if w == "TOML" else w for w in case.words), case.obeyed))
            )
            for name in ("out.nc", "f.zarr", "c.nc", "g.zarr"):
                path = work / name
                shutil.rmtree(path) if path.is_dir() else path.unlink(missing_ok=True)
    return found


def table(answers: list[Answer]) -> str:
    """Return the counts by kind as a Markdown table."""
    columns = ("refused", "obeyed", "accepted", "raw escapes", "traceback", "other")
    lines = [f"| what | cases | {' | '.join(columns)} |", "|---|---:|" + "---:|" * len(columns)]
    for kind in (*dict.fromkeys(a.case.kind for a in answers), "all"):
        of = [a for a in answers if kind in (a.case.kind, "all")]
        wrong = [a.wrong for a in of]
        fine = [a.code for a in of if not a.wrong]
        counts = [fine.count(2), fine.count(0), *(wrong.count(name) for name in columns[2:-1])]
        lines.append(f"| {kind} | {len(of)} | {' | '.join(map(str, [*counts, len(of) - sum(counts)]))} |")
    return "\n".join(lines)


def main() -> int:
    """Run the campaign, print its counts and what went wrong; return 1 if anything did."""
    with tempfile.TemporaryDirectory() as work:
        answers = campaign(Path(work) / "hostile")
    print(table(answers))
    bad = [each for each in answers if each.wrong]
    for each in bad:
        print(f"{each.wrong}: {' '.join(each.case.words)!r}: {each.words.strip()[-300:]!r}", file=sys.stderr)
    return int(bool(bad))


if __name__ == "__main__":
    sys.exit(main())
