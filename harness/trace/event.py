"""What all events of a trace have in common."""

import msgspec


class Event(msgspec.Struct, frozen=True, tag_field="kind", omit_defaults=True, kw_only=True, gc=False):
    """Base of all events. None can hold itself, so the garbage collector need not look at the thousands of a run."""
