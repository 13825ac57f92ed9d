"""python -m model predict --ray writes what it writes without Ray, and nobody else can give its Ray work."""

import json
import os
import subprocess
import sys

import pytest

from tests.helpers.bulk import LABELS, make_scans, rows_of, write_parquet
from tests.helpers.drawings import ROOT, png_of

# Runs commands, then asks for the Ray that they started with a wrong token.
PROGRAM = """
import json, os, subprocess, sys
from model.__main__ import main
status = [main(command) for command in json.loads(sys.argv[1])]
import ray
assert ray.is_initialized() and os.environ["RAY_USAGE_STATS_ENABLED"] == "0"
address = ray.get_runtime_context().gcs_address
os.environ["RAY_AUTH_TOKEN"] = 32 * "ab"
os.environ["RAY_NUM_REDIS_GET_RETRIES"] = "1"  # by default, Ray asks 20 times, once a second
asked = subprocess.run([sys.executable, "-c", f"import ray; ray.init({address!r})"], capture_output=True)
assert asked.returncode and b"uthenticat" in asked.stderr, asked.stderr
sys.exit(any(status))
"""


@pytest.mark.slow
def test_ray_gives_the_same_results(tmp_path):
    """Run Ray once for both kinds, in a process of its own: it starts slowly, and its threads stay."""
    folder = make_scans(tmp_path / "scans")
    (folder / "gone.png").symlink_to("/nowhere/at/all")
    table = write_parquet(tmp_path / "x.parquet", [*map(png_of, LABELS), None])
    plain = [["predict", str(source), "--out", f"{name}.csv"] for name, source in (("a", folder), ("b", table))]
    rayed = [[*command[:3], f"ray-{command[3]}", "--ray", "--workers", "2"] for command in plain]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    environment.pop("RAY_ADDRESS", None)
    command = [sys.executable, "-c", PROGRAM, json.dumps(plain + rayed)]
    subprocess.run(command, cwd=tmp_path, env=environment, check=True, timeout=300)
    for name, count in (("a", 12), ("b", 11)):
        rows, others = rows_of(tmp_path / f"{name}.csv"), rows_of(tmp_path / f"ray-{name}.csv")
        assert len(rows) == count
        for one, other in zip(rows, others, strict=True):
            for column in ("file", "label", "verdict", "error"):
                assert one[column] == other[column]
            if one["label"]:
                assert float(one["confidence"]) == pytest.approx(float(other["confidence"]), abs=1e-5)
