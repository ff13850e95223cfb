"""What every command checks before it begins, numbers and outputs, and that it prints text from files as text."""

from pathlib import Path
from typing import Any

from typer.core import TyperCommand

from halocline.runtime.console import plain_streams
from halocline.runtime.limits import check_name, check_numbers


class Checked(TyperCommand):
    """A command whose numbers and outputs are looked at first; see runtime/limits.py."""

    def invoke(self, ctx: Any) -> Any:
        """Check the options, then run the command."""
        check_numbers(ctx.params)
        if isinstance(out := ctx.params.get("out"), Path):
            check_name(out)
        with plain_streams():
            return super().invoke(ctx)
