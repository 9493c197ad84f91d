"""Rows of a run's recorded samples: what an instrument measured, and when it was not measured.

The names of the fields are those of the columns in the files (docs/reference/run-folder.md).
"""

from datetime import datetime
from typing import Literal, NamedTuple

SAMPLES_FOLDER = "samples"
"""In a run's folder."""
VALUES, GAPS = "values", "gaps"
"""In SAMPLES_FOLDER: each is one dataset, a folder of Parquet files that belong together."""

SHOTS = "shots"
"""In SAMPLES_FOLDER: one Parquet file for each shot of an oscilloscope, named by the line of the trace that tells of it."""

GapCause = Literal["fault", "missed deadline", "no value", "interval changed", "not written", "interrupted"]
"""Why an instrument has no samples for a while."""


class SampleRow(NamedTuple):
    """One quantity of one reading.

    `t_s`: the run's clock, seconds, at the middle of the reading; `t_u_s` its half-width (k=2). `utc` is the same instant. `station`:
    identity of the station that the instrument is wired to; the one under test, where it is wired to several. `evse` and `role` are the
    first of the instrument's, as in the trace. `u`: expanded uncertainty (k=2) of `value`, in the same `unit`.
    """

    t_s: float
    t_u_s: float
    utc: datetime
    station: str
    evse: int
    instrument: str
    role: str
    quantity: str
    value: float
    unit: str
    u: float


class GapRow(NamedTuple):
    """From `from_s` to `to_s` (the run's clock, seconds) this instrument has no samples where some were due; nothing is filled in.

    `from_s` is its last sample before (or when sampling began), `to_s` its first after (or when the recording ended). `why` is the cause,
    `detail` tells more; `missed` counts the instants at which a sample was due.
    """

    from_s: float
    to_s: float
    station: str
    evse: int
    instrument: str
    role: str
    why: GapCause
    missed: int
    detail: str


class ShotRow(NamedTuple):
    """One signal of one shot of an oscilloscope. `line`: its `capture` in the trace, counted from 1.

    `t_s`: the trigger on the run's clock, `t_u_s` its half-width (k=2). The first of `values` was taken `start_s` after the trigger, each
    further one `step_s` later. `u`: expanded uncertainty (k=2) of one value at the largest; `resolution`: one step of the converter.
    """

    line: int
    t_s: float
    t_u_s: float
    utc: datetime
    station: str
    evse: int
    instrument: str
    trigger: str
    signal: str
    unit: str
    start_s: float
    step_s: float
    u: float
    resolution: float
    values: list[float]
