"""
The tests; their layout follows the package's.

Property-based tests try the same examples on every run.  To look for new ones:
``HYPOTHESIS_PROFILE=explore python -m twisted.trial tests.model``.
"""

import os
import signal

from hypothesis import settings

settings.register_profile("fixed", derandomize=True, deadline=None, print_blob=True)
settings.register_profile(
    "explore", derandomize=False, deadline=None, print_blob=True, max_examples=2000
)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "fixed"))

# A shell runs what it puts in the background with interrupts ignored, and all that this
# starts inherits it; some tests interrupt what they start.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)
