"""A case that a measurement could not decide: it ended inconclusive, at the step and for the reason that are meant."""

import re

from fixtures.detection_changes import judged

CLOSE = "too close to|closer to the limit than U"
NOT_CAPABLE = "bench not capable"

POOR_REFERENCE = (
    "energy = { of_reading_pct = 0.1, resolution = 0.1 }",
    "energy = { of_reading_pct = 2.0, resolution = 0.1 }",
)
"""A reference meter too coarse for any class limit, as a change of the bench file."""


def undecided(case, step, because=CLOSE):
    """`because`: a pattern that the decisive check's observation holds."""
    ended, check = judged(case)
    assert (case.result, ended.title) == ("inconclusive", step), case
    assert re.search(because, check.observed), check.observed


def left_open(case, step, limit_id):
    """It would have failed, had the station adopted this limit (several: `a|b`)."""
    undecided(case, step, rf'"pixit\.({limit_id})" under adopted_limits')
