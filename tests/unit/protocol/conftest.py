"""How the tests with generated values run: a slow machine is not a failure."""

from hypothesis import settings

settings.register_profile("cliquet", deadline=None, max_examples=200)
settings.load_profile("cliquet")
