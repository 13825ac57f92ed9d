"""Inject faults into the real server while well-behaved clients keep asking.

    python -m benchmarks.faults
    python -m benchmarks.faults swaps images --count 2000 --runtime torch

Workers are killed, weights are swapped and corrupted, the disk is filled, connections are used up, bytes are sent one
at a time, and thousands of mutated images and JSON bodies are sent. Each line says what was done and what the clients
saw meanwhile; what is wrong stands below it, and the exit status is then 1. All of it is bounded, seeded, and stays on
this machine.
"""

import sys

from benchmarks.arguments import parser
from benchmarks.faults.scenarios import SCENARIOS


def main() -> int:
    """Run the scenarios. Returns 1 if anything is wrong."""
    arguments = parser(__doc__)
    arguments.add_argument(
        "scenarios", nargs="*", choices=[*SCENARIOS, []], metavar="SCENARIO", help=f"of {', '.join(SCENARIOS)}"
    )
    arguments.add_argument("--runtime", choices=("torch", "onnx"), default="onnx")
    arguments.add_argument("--kills", type=int, default=20)
    arguments.add_argument("--swaps", type=int, default=100)
    arguments.add_argument("--connections", type=int, default=500)
    arguments.add_argument("--drips", type=int, default=100)
    arguments.add_argument("--drip-seconds", type=int, default=40)
    arguments.add_argument("--count", type=int, default=10_000, help="mutated images, and mutated JSON bodies")
    options = arguments.parse_args()
    status = 0
    for name in options.scenarios or SCENARIOS:
        line, wrong = SCENARIOS[name](options)
        print(f"{'WRONG' if wrong else 'well '}  {line}", flush=True)
        for what in wrong:
            print(f"       {what}", flush=True)
        status |= bool(wrong)
    return status


if __name__ == "__main__":
    sys.exit(main())
