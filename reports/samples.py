"""Reads the samples that a run recorded beside its frames (`samples/` in its folder, Parquet in parts)."""

import math
from collections.abc import Iterator
from datetime import UTC
from pathlib import Path
from typing import Any

from harness.samples import GAPS, SAMPLES_FOLDER, VALUES, GapRow, SampleRow

_UTC = SampleRow._fields.index("utc")


class SamplesError(Exception):
    """A run has no samples, or they cannot be read; the message names place and cure."""


def samples_of(run_folder: Path, t_from: float = -math.inf, t_to: float = math.inf) -> Iterator[SampleRow]:
    """The samples from `t_from` to `t_to` (the run's clock, seconds; both included), in the order of time.

    Only the parts that hold such samples are read, two at a time at most. Raises SamplesError: nothing was recorded, or a part is
    damaged.
    """
    for table in _in_order(_tables(run_folder, VALUES, ("t_s", "t_s"), t_from, t_to), "t_s"):
        for batch in table.select(SampleRow._fields).to_batches(max_chunksize=10_000):
            columns = [_listed(column) for column in batch.columns]
            columns[_UTC] = [utc.replace(tzinfo=UTC) for utc in columns[_UTC]]
            yield from map(SampleRow._make, zip(*columns, strict=True))


def gaps_of(run_folder: Path, t_from: float = -math.inf, t_to: float = math.inf) -> Iterator[GapRow]:
    """The gaps that reach into `t_from` to `t_to` (the run's clock, seconds), in the order in which they began. Raises SamplesError."""
    tables = _tables(run_folder, GAPS, ("from_s", "to_s"), t_from, t_to)
    yield from sorted(GapRow(**row) for table in tables for row in table.to_pylist())


def _tables(run_folder: Path, dataset: str, span: tuple[str, str], t_from: float, t_to: float) -> Iterator[Any]:
    """A table for each part, of the rows that begin at or before `t_to` and end at or after `t_from`; none for a part that has none."""
    import pyarrow as pa  # noqa: PLC0415 - 0.1 s that only those pay who read samples
    import pyarrow.parquet as pq  # noqa: PLC0415

    folder = run_folder / SAMPLES_FOLDER
    if not folder.is_dir():
        raise SamplesError(f"{run_folder}: no samples were recorded. Cure: run without --no-samples")
    wanted = [(span[0], "<=", t_to), (span[1], ">=", t_from)]
    for part in sorted((folder / dataset).glob("*.parquet")):
        try:
            table = pq.read_table(part, filters=wanted)
        except (OSError, pa.ArrowException) as error:
            raise SamplesError(f"{part}: {error}. Cure: move this part away; the others stand") from None
        if table.num_rows:
            yield table


def _in_order(tables: Iterator[Any], by: str) -> Iterator[Any]:
    """Tables whose rows are in order from one to the next, made of parts that are in order themselves, and that overlap where an answer was slow at the cut."""
    held = next(tables, None)
    while held is not None:
        following = next(tables, None)
        until = math.inf if following is None else following[by][0].as_py()
        count = sum(1 for t in held[by].to_pylist() if t < until)
        yield held.slice(0, count)
        held = following if following is None else _joined(held.slice(count), following, by)


def _listed(column: Any) -> list[Any]:
    """A column's values; of one that repeats few texts each only once."""
    if not hasattr(column, "dictionary"):
        return list(column.to_pylist())
    texts = column.dictionary.to_pylist()
    return [texts[index] for index in column.indices.to_pylist()]


def _joined(rest: Any, following: Any, by: str) -> Any:
    import pyarrow as pa  # noqa: PLC0415

    return pa.concat_tables([rest, following]).sort_by(by) if rest.num_rows else following
