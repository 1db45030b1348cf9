"""How Sphinx builds the documentation."""

import importlib.util
import logging

from sphinx.application import Sphinx

from cliquet.version import __version__

project = "Cliquet"
copyright = "the Cliquet contributors"
release = version = __version__

extensions = ["myst_parser", "sphinx.ext.autodoc"]
# Results of benchmarks are parts of a page.
exclude_patterns = ["_build", "performance/results"]
myst_enable_extensions = ["colon_fence", "deflist", "fieldlist"]
myst_heading_anchors = 4
autodoc_typehints = "description"

html_theme = "furo" if importlib.util.find_spec("furo") else "alabaster"
html_title = f"Cliquet {release}"

# Examples may be cut short with "...".
suppress_warnings = ["misc.highlighting_failure"]


def setup(app: Sphinx) -> None:
    """Let the patterns of a list of pages match nothing, which Sphinx has no option for."""
    logger = logging.getLogger("sphinx.sphinx.directives.other")
    logger.addFilter(lambda record: getattr(record, "subtype", None) != "empty_glob")
