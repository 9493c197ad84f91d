"""Names the cases of OCPP 1.6 that no expectation of a peer is stated of; `make conformance-peer-all` is red for them.

Such a run takes its cases from the expectations: a new case would be left out, and nobody would know.

    .venv/bin/python peers/unlisted.py em-ocpp-chargepoint-simulator
"""

import sys
import tomllib
from pathlib import Path

from harness.adjudication import load_adjudicated

ROOT = Path(__file__).resolve().parent.parent
FOLDERS = ("ocpp16", "robustness")
"""Of testcases/. Cases of physical/ need instruments that no peer has; a few are listed all the same."""


def unlisted(root: Path, peer: str) -> list[str]:
    """The ids, in their order. Raises harness.model.strict.ModelError for expectations that do not fit."""
    catalogues = [path for folder in FOLDERS for path in (root / "testcases" / folder).rglob("*.toml")]
    entries = [entry for path in catalogues for entry in tomllib.loads(path.read_text("utf-8")).get("case", [])]
    expectations = (root / "peers" / peer).glob("expected*.toml")
    listed = {case.id for path in expectations for case in load_adjudicated(path.read_text("utf-8"), str(path)).cases}
    return sorted({entry["id"] for entry in entries if "1.6" in entry["ocpp"]} - listed)


def main(peer: str) -> int:
    """Print them, with the cure; 1 if there are any."""
    missing = unlisted(ROOT, peer)
    if missing:
        print(f"NOT ADJUDICATED  {peer}: {', '.join(missing)}")
        print(
            f"  Cure: run them on the peer (--case ID), read the standard, and add them to peers/{peer}/expected-*.toml"
        )
    return 1 if missing else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
