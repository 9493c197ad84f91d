"""Reads the waveforms of an oscilloscope's shots that a run kept (`samples/shots` in its folder), and writes one as CSV."""

import csv
import io
from pathlib import Path

from harness.samples import SAMPLES_FOLDER, SHOTS, ShotRow
from reports.samples import SamplesError

COLUMNS = ("t_s", "signal", "value", "unit")
"""`t_s` counts from the trigger."""


def shot_of(run_folder: Path, line: int) -> list[ShotRow]:
    """The signals of the shot that this line of the trace (from 1) tells of. Raises SamplesError: it was not kept, or cannot be read."""
    import pyarrow as pa  # noqa: PLC0415 - 0.1 s that only those pay who read shots
    import pyarrow.parquet as pq  # noqa: PLC0415

    path = run_folder / SAMPLES_FOLDER / SHOTS / f"{line:09}.parquet"
    if not path.is_file():
        raise SamplesError(f"{path}: this shot was not kept. Cure: run without --no-samples")
    try:
        return [ShotRow(**row) for row in pq.read_table(path).to_pylist()]
    except (OSError, pa.ArrowException, TypeError) as error:
        raise SamplesError(f"{path}: {error}. Cure: move it away; the edges of the shot stand in the trace") from None


def shot_csv(rows: list[ShotRow]) -> str:
    """All samples of a shot, one signal after the other; lines end as RFC 4180 says."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(COLUMNS)
    for row in rows:
        writer.writerows(
            (f"{row.start_s + index * row.step_s:.9f}", row.signal, f"{value:.6g}", row.unit)
            for index, value in enumerate(row.values)
        )
    return text.getvalue()
