"""An ensemble for DART's interface to CICE: a restart for each member, and the lists of files that ``filter`` reads.

Sources: NCAR/DART, models/cice/{model_mod,dart_cice_mod,dart_to_cice,ice_postprocessing_mod}.f90, its readme.rst,
work/input.nml and shell_scripts. Checked against the source code of the forms for CICE 5 and 6 (readme of 2025), not
run. ``read_model_time`` takes the date from nyr, month, mday and sec, and its calendar begins in 1601; ``filter``
changes the files of its output list in place, and ``dart_to_cice`` reads all layers from them, so that each is a copy
of its restart; ``dart_cice_mod`` reads the sizes of the grid from ``cice.r.nc``.
"""

import shutil
from pathlib import Path
from typing import TYPE_CHECKING

from halocline.bridge.ensembles.dart_date import require_date
from halocline.bridge.exports.base import Request
from halocline.bridge.restarts.cice import CiceRestarts
from halocline.bridge.restarts.cice import settings as of_cice
from halocline.bridge.restarts.output import each_file, first_path
from halocline.data.files.problems import Problems

if TYPE_CHECKING:
    from halocline.bridge.exports.dart import Dart

INPUT, OUTPUT, SIZES = "cice_input_list.txt", "cice_output_list.txt", "cice.r.nc"
_LAYERS = (8, 3)  # of ice and snow, which dart_to_cice reads by name


def write_ensemble(kind: "Dart", request: Request) -> list[str]:
    """Write restarts of CICE, copies for ``filter`` to change, and its lists; return notes and settings.

    Raises:
        ConfigError: If the states have no dates that DART knows, and none is given; without a template.
        InputError: It lists all that is wrong with options, grid and the first state.
    """
    cice = kind.cice()
    problems = Problems(f"export dart of {request.out.name}")
    problems.found.extend(kind.foreign("cice"))
    problems.raise_all()
    restarts = CiceRestarts(cice, request)
    require_date(restarts.members, restarts.date)

    def lists(folder: Path, names: list[str]) -> list[str]:
        changed = [f"analysis_{n}" for n in names]
        for old, new in ((names[0], SIZES), *zip(names, changed, strict=True)):
            shutil.copyfile(folder / old, folder / new)
        for name, words in ((INPUT, names), (OUTPUT, changed)):
            (folder / name).write_text("\n".join(words) + "\n", encoding="utf-8")
        return [*changed, SIZES, INPUT, OUTPUT]

    names = each_file(request.out, restarts.members, "cice", restarts.write, lists, "dart")
    told = f"{request.out}: {len(names)} restart(s) and filter's lists written, and every rule holds."
    first = f"analysis_{names[0]}"
    return [
        *restarts.members.notes.told(),
        told,
        *settings(names, (kind.ice_layers, kind.snow_layers)),
        *of_cice(cice, first_path(request.out, [first])),
    ]


def settings(names: list[str], layers: tuple[int, int]) -> list[str]:
    """Return the namelist of DART's ``input.nml`` that reads an ensemble.

    Args:
        names: The restarts.
        layers: Of ice and snow.
    """
    others = f"   ! it reads {_LAYERS[0]} layers of ice and {_LAYERS[1]} of snow: not these restarts"
    return [
        "In DART's input.nml, run in the folder of the restarts with the run's cice_in and drv_in:",
        "&filter_nml",
        f"   input_state_file_list  = '{INPUT}'",
        f"   output_state_file_list = '{OUTPUT}'",
        f"   ens_size = {len(names)}, num_output_state_members = {len(names)}",
        "   perturb_from_single_instance = .false.",
        "/",
        "&model_nml   ! of models/cice",
        "   model_state_variables = 'aicen', 'QTY_SEAICE_CONCENTR', 'UPDATE',",
        "                           'vicen', 'QTY_SEAICE_VOLUME', 'UPDATE',",
        "                           'vsnon', 'QTY_SEAICE_SNOWVOLUME', 'UPDATE'",
        "/",
        "&dart_to_cice_nml   ! after filter, for each member" + (others if layers != _LAYERS else ""),
        f"   original_cice_restart_file = '{names[0]}'",
        f"   dart_to_cice_input_file    = 'analysis_{names[0]}'",
        f"   postprocessed_output_file  = 'analysis_{names[0]}'",
        "   postprocess = 'cice'",
        "/",
    ]
