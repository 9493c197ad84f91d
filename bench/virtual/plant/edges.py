"""The edge log: the plant's own truth about what changed and when."""

from dataclasses import dataclass

EdgeValue = bool | float | str | None


@dataclass(frozen=True, slots=True)
class Edge:
    """`signal` (`mains`, `evse1.contactor`, ...) took `value` at `t` seconds on the loop's clock."""

    t: float
    signal: str
    value: EdgeValue


class EdgeLog:
    """All edges since the start, in the order in which they happened."""

    def __init__(self) -> None:
        self.edges: list[Edge] = []

    def record(self, t: float, signal: str, value: EdgeValue) -> None:
        """Append an edge."""
        self.edges.append(Edge(t, signal, value))

    def of(self, signal: str) -> list[Edge]:
        """All edges of one signal."""
        return [edge for edge in self.edges if edge.signal == signal]

    def last(self, signal: str) -> Edge | None:
        """The newest edge of one signal, None when it never changed."""
        for edge in reversed(self.edges):
            if edge.signal == signal:
                return edge
        return None
