"""How Sphinx builds the documentation."""

import importlib.metadata
import importlib.util

project = "Cliquet"
copyright = "the Cliquet contributors"
release = version = importlib.metadata.version("cliquet")

extensions = ["myst_parser", "sphinx.ext.autodoc"]
exclude_patterns = ["_build"]
myst_enable_extensions = ["colon_fence", "deflist", "fieldlist"]
myst_heading_anchors = 4
autodoc_typehints = "description"

html_theme = "furo" if importlib.util.find_spec("furo") else "alabaster"
html_title = f"Cliquet {release}"

# The lists of pages are patterns, and a folder may be empty for a while. Examples may be cut short with "...".
suppress_warnings = ["toc.empty_glob", "misc.highlighting_failure"]
