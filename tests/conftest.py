"""The same examples in every run: a search for new ones is started by hand, with HYPOTHESIS_PROFILE=search."""

import os

from hypothesis import settings

settings.register_profile("fixed", derandomize=True)
settings.register_profile("search", derandomize=False)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "fixed"))
