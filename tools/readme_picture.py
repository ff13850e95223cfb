"""Draw the pictures of the README: generated states beside simulated ones of held-out years, whole and in the pack.

python tools/readme_picture.py STATES.nc DATA.zarr docs/pictures/generated.png docs/pictures/generated-pack.png
"""

import sys
from pathlib import Path

from halocline.data.files.states import open_states
from halocline.data.store.store import open_store
from halocline.evaluate.ice.evaluate import evaluate
from halocline.report.ice.maps import gallery
from halocline.report.ice.pack import close_ups


def main() -> None:
    """Draw it."""
    states, data, whole, pack = (Path(argument) for argument in sys.argv[1:5])
    scorecard = evaluate(open_states(states), open_store(data), replicates=20, max_held_out=300, max_training=100)
    assert scorecard.pictures is not None
    for figure, out in ((gallery(scorecard.pictures), whole), (close_ups(scorecard.pictures), pack)):
        assert figure is not None
        figure.savefig(out, dpi=70, pil_kwargs={"optimize": True})


if __name__ == "__main__":
    main()
