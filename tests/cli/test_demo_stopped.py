"""The demo's command line."""

from pathlib import Path

from typer.testing import CliRunner

from halocline.cli.main import app
from halocline.training.stop import StopRequested


def test_a_stopped_demo_says_how_to_go_on(tmp_path, monkeypatch):
    def stopped(out, **options):
        raise StopRequested(Path(out) / "model.training")

    monkeypatch.setattr("halocline.experiments.demo.run_demo", stopped)
    result = CliRunner().invoke(app, ["demo", "--out", str(tmp_path / "demo")])
    assert result.exit_code == 130
    assert "The same command continues" in result.output
