"""A few kills of the hundred in docs/reference/numbers.md; the same program."""

import json
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_runs_killed_at_random_moments_leave_a_safe_bench_and_a_sound_trace(tmp_path):
    told = tmp_path / "kills.json"
    command = [sys.executable, "benchmarks/kill_test.py", "--kills", "3", "--seed", "5", "--latest", "2.5"]
    done = subprocess.run(
        [*command, "--json", str(told)], cwd=ROOT, capture_output=True, text=True, timeout=600, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    kills = json.loads(told.read_bytes())
    assert [kill["problems"] for kill in kills] == [[], [], []]
    assert all(kill["guarded"] for kill in kills)
