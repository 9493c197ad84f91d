"""For all self-tests: how long an example takes depends on what else the machine does, and proves nothing."""

from hypothesis import settings

settings.register_profile("plugproof", deadline=None)
settings.load_profile("plugproof")
