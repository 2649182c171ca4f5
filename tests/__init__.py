"""
The tests; their layout follows the package's.

Property-based tests try the same examples on every run.  To look for new ones:
``HYPOTHESIS_PROFILE=explore python -m twisted.trial tests.model``.
"""

import os

from hypothesis import settings

settings.register_profile("fixed", derandomize=True, deadline=None, print_blob=True)
settings.register_profile(
    "explore", derandomize=False, deadline=None, print_blob=True, max_examples=2000
)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "fixed"))
