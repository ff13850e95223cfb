"""An ensemble for DART's interface to CICE: a restart for each member, and the lists of files that ``filter`` reads.

Source: DART documentation, "CICE" (models/cice) and "PROGRAM filter". From the manual, not tried in DART.
"""

from pathlib import Path
from typing import TYPE_CHECKING

from halocline.bridge.exports.base import Request
from halocline.bridge.restarts.cice import CiceRestarts
from halocline.bridge.restarts.cice import settings as of_cice
from halocline.bridge.restarts.output import each_file

if TYPE_CHECKING:
    from halocline.bridge.exports.dart import Dart

INPUT, OUTPUT = "cice_input_list.txt", "cice_output_list.txt"


def write_ensemble(kind: "Dart", request: Request) -> list[str]:
    """Write restarts of CICE and DART's lists; return notes and settings."""
    restarts = CiceRestarts(kind, request)

    def lists(folder: Path, names: list[str]) -> None:
        for name, words in ((INPUT, names), (OUTPUT, [f"analysis_{n}" for n in names])):
            (folder / name).write_text("\n".join(words) + "\n", encoding="utf-8")

    names = each_file(request.out, restarts.members, "cice", restarts.write, lists)
    told = f"{request.out}: {len(names)} restart(s) and filter's lists written, and every rule holds."
    return [*restarts.members.notes.told(), told, *settings(len(names)), *of_cice(kind, names[0])]


def settings(count: int) -> list[str]:
    """Return the namelist of DART's ``input.nml`` that reads an ensemble."""
    return [
        "In DART's input.nml, run in the folder of the restarts:",
        "&filter_nml",
        f"   input_state_file_list  = '{INPUT}'",
        f"   output_state_file_list = '{OUTPUT}'",
        f"   ens_size = {count}, num_output_state_members = {count}",
        "   perturb_from_single_instance = .false.",
        "/",
        "&model_nml   ! of models/cice",
        "   model_state_variables = 'aicen', 'QTY_SEAICE_CONCENTR', 'UPDATE',",
        "                           'vicen', 'QTY_SEAICE_VOLUME', 'UPDATE',",
        "                           'vsnon', 'QTY_SEAICE_SNOWVOLUME', 'UPDATE'",
        "/",
        "After filter, dart_to_cice makes the categories consistent again before CICE starts.",
    ]
