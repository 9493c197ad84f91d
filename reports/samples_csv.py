"""Samples of a case as CSV, one row a value: for spreadsheets and whatever else reads tables."""

import csv
import io
from datetime import UTC, datetime, timedelta

from reports.plots.curves import Curve, Gap, Point

COLUMNS = ("t_s", "utc", "instrument", "role", "evse", "quantity", "value", "unit", "u", "t_u_s", "gap_s", "gap_why")
"""`t_s` counts from the case's start; `u` and `t_u_s` are k=2. A row with `gap_s` has no value: from `t_s` on, for so long, nothing was sampled."""


def csv_of(curves: list[Curve], start_utc: datetime) -> str:
    """The samples of these curves in the order of time, with the gaps of each instrument where they begin; lines end as RFC 4180 says."""
    rows = [
        (point.t, 0, curve.source, _value_row(curve, point, start_utc)) for curve in curves for point in curve.points
    ]
    gaps = {(curve.source, gap): curve for curve in curves for gap in curve.gaps}
    rows += [(gap.begin, 1, source, _gap_row(curve, gap, start_utc)) for (source, gap), curve in gaps.items()]
    rows.sort(key=lambda row: row[:3])
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(COLUMNS)
    writer.writerows(row for *_, row in rows)
    return text.getvalue()


def _value_row(curve: Curve, point: Point, start: datetime) -> list[object]:
    where = [curve.source, curve.role, curve.evse or ""]
    return [
        *_when(point.t, start),
        *where,
        curve.quantity,
        point.value,
        curve.unit,
        f"{point.u:.6g}",
        f"{point.t_u:.6g}",
        "",
        "",
    ]


def _gap_row(curve: Curve, gap: Gap, start: datetime) -> list[object]:
    where = [curve.source, curve.role, curve.evse or ""]
    return [*_when(gap.begin, start), *where, "", "", "", "", "", f"{gap.end - gap.begin:.6f}", gap.why]


def _when(t: float, start: datetime) -> tuple[str, str]:
    utc = (start + timedelta(seconds=t)).astimezone(UTC)
    return f"{t:.6f}", utc.isoformat(timespec="microseconds").replace("+00:00", "Z")
