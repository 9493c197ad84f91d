"""Reads a drawing back: its elements by class, and positions out of the paths."""

import re
import xml.etree.ElementTree as ET


def sample(t, values, *, source="analyzer_1", role="power_analyzer", evse=1, **more):
    """A sample as a trace line has it; `values` by quantity: (value, unit, U)."""
    return {"kind": "sample", "t": t, "at": t, "source": source, "role": role, "evse": evse, "values": values, **more}


def amperes(t, value, u=0.01, **more):
    return sample(t, {"current_l1_a": (value, "A", u)}, **more)


def elements(svg, tag, *classes):
    """Elements of this tag that have all these classes."""
    root = ET.fromstring(svg)
    found = [e for e in root.iter() if e.tag.rsplit("}", 1)[-1] == tag]
    return [e for e in found if set(classes) <= set(e.get("class", "").split())]


def stretches(path):
    """The positions of each unbroken part of a path's data."""
    return [
        [tuple(map(float, point.split())) for point in part.rstrip("Z").split("L")]
        for part in re.findall(r"M([^M]*)", path)
    ]


def texts(svg):
    return ["".join(e.itertext()) for e in elements(svg, "text")]
