"""Sphinx configuration: `make docs` builds the site with warnings as errors."""

import os
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent / "_ext"))

from halocline.runtime.version import __version__

project = "Halocline"
copyright = "The Halocline developers"
release = __version__

extensions = [
    "sphinx.ext.autodoc",
    "sphinx.ext.napoleon",
    "sphinx_copybutton",
    "myst_nb",
    "reference_pages",
]
exclude_patterns = ["_build", "_ext"]
highlight_language = "text"
suppress_warnings = ["ref.python"]  # attributes called x and y exist in several classes
html_theme = "furo"
html_title = "Halocline"
html_static_path = ["_static"]
html_css_files = ["tables.css"]

myst_enable_extensions = ["colon_fence", "deflist"]
myst_heading_anchors = 3
copybutton_exclude = ".linenos, .gp, .go"

# Notebooks are executed at every build, in a folder that is deleted afterwards; an error in a cell fails the build.
nb_execution_mode = os.environ.get("HALOCLINE_NOTEBOOKS", "force")
nb_execution_raise_on_error = True
nb_execution_in_temp = True
nb_execution_timeout = 300
nb_merge_streams = True

autodoc_typehints = "signature"
autodoc_member_order = "bysource"
napoleon_numpy_docstring = False
napoleon_use_rtype = False
napoleon_use_ivar = True
