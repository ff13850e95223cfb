"""What every command checks of its options before it begins: numbers within their limits, outputs with a name."""

from pathlib import Path
from typing import Any

from typer.core import TyperCommand

from halocline.runtime.limits import check_name, check_numbers


class Checked(TyperCommand):
    """A command whose numbers and outputs are looked at first; see runtime/limits.py."""

    def invoke(self, ctx: Any) -> Any:
        """Check the options, then run the command."""
        check_numbers(ctx.params)
        if isinstance(out := ctx.params.get("out"), Path):
            check_name(out)
        return super().invoke(ctx)
