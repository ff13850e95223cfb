"""Draw the picture of the README: generated states beside simulated ones of held-out years.

python tools/readme_picture.py STATES.nc DATA.zarr docs/pictures/generated.png
"""

import sys
from pathlib import Path

from halocline.data.files.states import open_states
from halocline.data.store.store import open_store
from halocline.evaluate.ice.evaluate import evaluate
from halocline.report.ice.maps import gallery


def main() -> None:
    """Draw it."""
    states, data, out = (Path(argument) for argument in sys.argv[1:4])
    scorecard = evaluate(open_states(states), open_store(data), replicates=20, max_held_out=300, max_training=100)
    assert scorecard.pictures is not None
    gallery(scorecard.pictures).savefig(out, dpi=70, pil_kwargs={"optimize": True})


if __name__ == "__main__":
    main()
