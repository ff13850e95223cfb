# SPDX-License-Identifier: GPL-3.0-or-later
"""Veros's process: reads a job, runs its tasks, writes files, says how far it is. It ends with the one that started it.

With ``--listen`` it then reads the paths of further jobs for the same grid from its standard input, one a line, and
answers each when its tasks have ended: the model is compiled once for all of them.
"""

import json
import sys
from pathlib import Path

from halocline.runtime.processes.lifeline import end_with


def main() -> int:
    """Run the job named on the command line, then those it hears of; return 0 if every task ended, well or not."""
    end_with(int(sys.argv[2]))
    from halocline.worlds.dino.geometry import make_geometry
    from halocline.worlds.dino.job import Job
    from halocline.worlds.dino.presets import preset
    from halocline.worlds.dino.veros.runner import Runner
    from halocline.worlds.dino.veros.setup import use_dino_equation_of_state

    job = Job.read(Path(sys.argv[1]))
    use_dino_equation_of_state()
    runner = Runner(make_geometry(preset(job.preset)), _say)
    for task in job.tasks:
        runner.run(task)
    if "--listen" in sys.argv[3:]:
        for line in sys.stdin:
            for task in Job.read(Path(line.strip())).tasks:
                runner.run(task)
            _say({"job": line.strip()})
    return 0


def _say(words: dict[str, object]) -> None:
    print(json.dumps(words), flush=True)


if __name__ == "__main__":
    sys.exit(main())
