"""One thing that the doctor looked at."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Check:
    """One thing looked at: what was seen, whether it is good, and the cure where it is not."""

    name: str
    ok: bool
    seen: str
    cure: str = ""

    def __str__(self) -> str:
        mark = "ok  " if self.ok else "FAIL"
        return f"{mark} {self.name}: {self.seen}" + (f". Cure: {self.cure}" if self.cure and not self.ok else "")
