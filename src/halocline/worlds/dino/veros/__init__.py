# SPDX-License-Identifier: GPL-3.0-or-later
"""What runs inside Veros's process: the only files that import Veros, and so under its licence, GPL-3.0-or-later.

Started as ``python -m halocline.worlds.dino.veros JOB.json`` by ``worlds/dino/process.py``; talks through files and
lines of JSON on its standard output.
"""
