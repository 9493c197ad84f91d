import pytest

from reports.assign import assign
from reports.plots.chart import chart_of
from reports.plots.drawing import inline, standalone
from tests.reports.plot_parts import amperes, elements, sample, stretches, texts
from tests.reports.sample_record import sample_run

LEFT, RIGHT = 52.0, 848.0
"""Where the time axis begins and ends, pixels."""


def curve_of(svg, *classes):
    (found,) = elements(svg, "path", *(classes or ("s0", "d0")))
    return stretches(found.get("d"))


def current(svg):
    """The path of the curve in colour 0, without the key of the legend."""
    paths = [
        e.get("d")
        for e in elements(svg, "path", "s0")
        if "h18" not in e.get("d") and "dots" not in e.get("class") and "band" not in e.get("class")
    ]
    assert len(paths) == 1
    return stretches(paths[0])


def test_a_step_stands_at_its_time_and_value():
    lines = [amperes(100.0 + i, 0.0 if i < 30 else 16.0) for i in range(101)]
    chart = chart_of(lines, 100.0)
    (drawn,) = current(inline(chart))
    zero, sixteen = chart.panels[0].y_of(0.0), chart.panels[0].y_of(16.0)
    at = [LEFT + (RIGHT - LEFT) * t / 100 for t in (0, 29, 30, 100)]
    expected = [(at[0], zero), (at[1], zero), (at[2], sixteen), (at[3], sixteen)]
    assert [x for point in drawn for x in point] == pytest.approx([x for point in expected for x in point], abs=0.06)
    assert zero - sixteen > 150  # pixels: the step is there to be seen
    tick = next(tick for tick in chart.panels[0].ticks if tick.text == "0")
    assert tick.at == pytest.approx(zero)


def test_a_gap_in_sampling_is_no_line():
    times = [*range(40), *range(60, 100)]
    chart = chart_of([amperes(float(t), 10.0) for t in times], 0.0)
    svg = inline(chart)
    first, second = current(svg)
    assert first[-1][0] == pytest.approx(chart.x_of(39.0), abs=0.06)
    assert second[0][0] == pytest.approx(chart.x_of(60.0), abs=0.06)
    (gap,) = elements(svg, "rect", "gap")
    assert float(gap.get("x")) == pytest.approx(chart.x_of(39.0), abs=0.06)
    assert "no sample of analyzer_1 from +39.000 s to +60.000 s" in "".join(gap.itertext())


def test_a_single_sample_is_a_dot():
    svg = inline(chart_of([amperes(5.0, 10.0)], 0.0))
    assert not [e for e in elements(svg, "path", "s0", "d0") if "h18" not in e.get("d")]
    assert len(elements(svg, "path", "s0", "dots")) == 1


def test_samples_far_apart_show_where_they_are():
    svg = inline(chart_of([amperes(float(t), 10.0) for t in range(6)], 0.0))
    (dots,) = elements(svg, "path", "s0", "dots")
    assert dots.get("d").count("M") == 6
    assert not elements(inline(chart_of([amperes(float(t), 10.0) for t in range(600)], 0.0)), "path", "dots")


def test_the_uncertainty_is_a_band_where_it_can_be_seen():
    wide = chart_of([amperes(float(t), 10.0, u=1.0) for t in range(30)], 0.0)
    (band,) = elements(inline(wide), "path", "band")
    heights = {y for part in stretches(band.get("d")) for _, y in part}
    y_of = wide.panels[0].y_of
    assert sorted(heights) == pytest.approx([max(y_of(11.0), y_of.end), y_of(9.0)], abs=0.06)
    narrow = inline(chart_of([amperes(float(t), 10.0, u=0.01) for t in range(30)], 0.0))
    assert not elements(narrow, "path", "band")
    assert "U ≤ 0.01 A (k=2)" in texts(narrow)


def test_a_peak_of_one_sample_in_a_hundred_thousand_is_drawn():
    lines = [amperes(t / 100, 63.0 if t == 54_321 else 16.0 + (t % 3) * 0.1) for t in range(100_000)]
    chart = chart_of(lines, 0.0)
    svg = inline(chart)
    assert min(y for _, y in current(svg)[0]) == pytest.approx(chart.panels[0].y_of(63.0), abs=0.06)
    assert len(svg) < 60_000


def test_panels_stand_one_below_the_other_on_one_time_axis_and_say_their_units():
    values = {
        "current_l1_a": (16.0, "A", 0.01),
        "power_l1_w": (3680.0, "W", 1.0),
        "power_w": (11040.0, "W", 3.0),
        "voltage_l1_v": (230.0, "V", 0.1),
        "frequency_hz": (50.0, "Hz", 0.01),
    }
    pilot = {"pilot_duty_pct": (26.7, "%", 0.02), "pilot_high_v": (6.0, "V", 0.1), "pilot_low_v": (-12.0, "V", 0.1)}
    lines = [sample(float(t), values) for t in range(10)]
    lines += [sample(t + 0.5, pilot, source="scope_1", role="pilot_scope") for t in range(10)]
    chart = chart_of(lines, 0.0)
    assert [p.title for p in chart.panels] == [
        "Current / A",
        "Power / kW",
        "Control pilot duty / %",
        "Control pilot level / V",
    ]
    assert all(above.bottom < below.top for above, below in zip(chart.panels, chart.panels[1:], strict=False))
    said = texts(inline(chart))
    assert {
        "Time since the case began / s",
        "Current / A",
        "L1 16",
        "total 11.04",
        "C 6",
        "analyzer_1",
        "scope_1",
    } <= set(said)


def test_voltage_and_frequency_are_drawn_where_they_move():
    steady, dip = (230.0, "V", 0.1), (180.0, "V", 0.1)
    lines = [
        sample(float(t), {"voltage_l1_v": dip if t == 5 else steady, "frequency_hz": (50.0, "Hz", 0.1)})
        for t in range(9)
    ]
    assert [panel.title for panel in chart_of(lines, 0.0).panels] == ["Voltage / V"]
    assert chart_of(lines[:5], 0.0) is None


def test_two_instruments_have_one_colour_for_a_phase_and_two_kinds_of_line():
    lines = [amperes(float(t), 16.0) for t in range(9)]
    lines += [amperes(t + 0.1, 15.0, source="meter_1", role="reference_meter") for t in range(9)]
    svg = inline(chart_of(lines, 0.0))
    assert {"L1 16", "analyzer_1", "meter_1"} <= set(texts(svg))
    assert [len(elements(svg, "path", "s0", dash)) for dash in ("d0", "d1")] == [2, 1]  # the first one's key is d0, too
    assert len(elements(svg, "path", "by", "d1")) == 1


def test_messages_and_stimuli_of_the_case_are_marked_over_all_panels():
    record, lines = sample_run()
    case = record.cases[-1]
    own = assign([case], lines).cases[0]
    chart = chart_of(own, case.started)
    labels = {mark.label for mark in chart.marks}
    assert {"plug_in 32.0", "RemoteStartTransaction", "StartTransaction", "StatusNotification Charging"} <= labels
    assert {mark.kind for mark in chart.marks} == {"in", "out", "bench"}
    svg = inline(chart)
    assert all(e.get("d").endswith(f"V{chart.bottom:g}") for e in elements(svg, "path", "m") if "h20" not in e.get("d"))
    assert labels <= set(texts(svg))
    assert [step.number for step in chart.steps] == [1, 2, 3, 4]
    assert [step.verdict for step in chart.steps] == ["pass", "pass", "fail", "pass"]
    assert len(elements(svg, "rect", "step", "amiss")) == 1


def test_labels_do_not_cover_each_other():
    calls = [
        {
            "kind": "frame",
            "frame": "call",
            "direction": "in",
            "action": f"StatusNotification{i}",
            "t": i * 0.9,
            "raw": "",
        }
        for i in range(60)
    ]
    chart = chart_of([amperes(float(t), 1.0) for t in range(60)] + calls, 0.0)
    shown = [mark for mark in chart.marks if mark.row >= 0]
    assert len(shown) > 20
    spans = {}
    for mark in shown:
        width = len(mark.label) * 6.1
        spans.setdefault(mark.row, []).append((mark.at - width, mark.at) if mark.before else (mark.at, mark.at + width))
    for row in spans.values():
        assert all(a[1] <= b[0] for a, b in zip(sorted(row), sorted(row)[1:], strict=False))
        assert all(left > 0 and right < 860 for left, right in row)


def test_a_secret_is_in_no_label():
    call = {
        "kind": "frame",
        "frame": "call",
        "direction": "out",
        "action": "X",
        "t": 1.0,
        "raw": '[2,"1","X",{"status":"s3cret"}]',
    }
    lines = [amperes(0.0, 1.0), amperes(2.0, 1.0), {**call, "secrets": ["status"]}]
    assert "s3cret" not in inline(chart_of(lines, 0.0))
    assert "X s3cret" in texts(inline(chart_of([*lines[:2], call], 0.0)))


@pytest.mark.parametrize("hostile", ['<script>alert(1)</script>"&', "\x1b[31m\x00\u202eabc", "]]>"])
def test_nothing_that_was_said_becomes_markup(hostile):
    lines = [amperes(float(t), 1.0, source=hostile) for t in range(5)]
    lines.append({"kind": "stimulus", "phase": "done", "verb": hostile, "args": {"a": hostile}, "t": 2.0})
    lines.append({"kind": "step", "index": 1, "title": hostile, "t": 0.0})
    svg = standalone(chart_of(lines, 0.0), hostile, hostile)
    assert not elements(svg, "script")  # and that it could be parsed at all
    assert "\x00" not in svg
    assert "\x1b" not in svg


def test_without_samples_there_is_no_chart():
    assert chart_of([{"seq": 1, "t": 0.0, "kind": "note"}], 0.0) is None


def test_the_file_is_the_drawing_of_the_report_with_colours_of_its_own():
    chart = chart_of([amperes(float(t), 16.0) for t in range(9)], 0.0)
    inner = inline(chart).split(">", 1)[1].removesuffix("</svg>")
    alone = standalone(chart, "TC_1: a title", "1.6")
    assert inner in alone
    assert "var(" not in alone
    assert {"TC_1: a title", "1.6"} <= set(texts(alone))


def capture(at, *edges):
    told = [{"signal": signal, "what": what, "t": t, "u": 0.0005} for signal, what, t in edges]
    return {
        "kind": "capture",
        "t": at + 1,
        "at": at,
        "t_u": 0.01,
        "source": "scope_1",
        "evse": 1,
        "signals": {},
        "edges": told,
    }


def test_edges_are_those_of_the_oscilloscope_at_their_instants():
    lines = [amperes(float(t), 16.0 if t < 5 else 0.0) for t in range(11)]
    assert chart_of(lines, 0.0).edges == []  # a current that falls is no edge
    shot = capture(
        4.0, ("pilot", "leaves state C", 0.0), ("outlet_voltage", "ends", 0.5), ("x", "after the case", 60.0)
    )
    chart = chart_of([*lines, shot], 0.0)
    svg = inline(chart)
    at = [float(e.get("d")[1:].split()[0]) for e in elements(svg, "path", "edge")]
    assert at == pytest.approx([chart.x_of(4.0), chart.x_of(4.5)], abs=0.06)
    told = [text for text in texts(svg) if "trigger" in text]
    assert told == [
        "pilot leaves state C: +0.00 ms ± 0.5 ms from the trigger at +4.000 s",
        "outlet voltage ends: +500.00 ms ± 0.5 ms from the trigger at +4.000 s",
    ]
    assert all(
        e.get("text-anchor") != "end" for e in elements(svg, "text", "over") if "trigger" in "".join(e.itertext())
    )
    assert chart.edges_top + 2 * 13 <= chart.bottom < chart.height


@pytest.mark.parametrize("edges", [None, 7, [None], [{}], [{"t": "x"}], [{"t": 1.0, "signal": "<b>", "u": "?"}]])
def test_a_capture_that_is_not_understood_is_no_error(edges):
    lines = [amperes(float(t), 16.0) for t in range(11)] + [{"kind": "capture", "t": 2.0, "at": 2.0, "edges": edges}]
    assert not elements(inline(chart_of(lines, 0.0)), "b")
