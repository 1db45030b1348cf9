"""The application of the INI file that BENCH_INI names, as WSGI servers import it, in the environment of a side."""

import gc
import logging
import os
import warnings

warnings.simplefilter("ignore")

from pyramid.paster import get_app  # noqa: E402  # which warns

gc.disable()
application = get_app(os.environ["BENCH_INI"])
# What an application consists of is not looked through for garbage each time.
gc.freeze()
gc.enable()
# No side writes a line per request.
logging.getLogger().setLevel(logging.ERROR)
