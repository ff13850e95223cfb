"""What every command does before it begins: it checks numbers and outputs, and has addresses on hand as paths."""

from pathlib import Path
from typing import Any

from typer.core import TyperCommand

from halocline.runtime.console import plain_streams
from halocline.runtime.limits import check_name, check_numbers
from halocline.runtime.places.arguments import reached

UPLOADED = ("arctic", "constrain", "forecast", "generate", "import", "repack", "score", "train")
"""Commands whose --out may be an address: all they write is there."""
AS_GIVEN = ("copy", "models")
"""Commands that are given addresses as they are."""


class Checked(TyperCommand):
    """A command whose numbers and outputs are looked at first; see runtime/limits.py."""

    def invoke(self, ctx: Any) -> Any:
        """Check the options, then run the command."""
        check_numbers(ctx.params)
        given = {} if self.name in AS_GIVEN else ctx.params
        with plain_streams(), reached(given, writes=self.name in UPLOADED) as paths:
            ctx.params.update(paths)
            if isinstance(out := ctx.params.get("out"), Path):
                check_name(out)
            return super().invoke(ctx)
