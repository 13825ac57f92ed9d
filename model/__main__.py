"""The command line: python -m model predict | evaluate | summary."""

import argparse
import dataclasses
import json
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from model import datasets, evaluation, pendigits, report, summary, weights
from model.ink import InkError
from model.networks import NETWORKS, build
from model.recognizer import Reading, Recognizer

DEFAULT_WEIGHTS = Path(__file__).parent.parent / "weights" / "digitpad.safetensors"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command. Returns its exit status: 1 when something could not be read."""
    options = _parse(arguments)
    try:
        status: int = options.command(options)
        return status
    except (weights.WeightsError, datasets.DataMissing, pendigits.PenDigitsError) as error:
        print(f"model: {error}", file=sys.stderr)
        return 1


def _parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m model", description="Digits from the command line.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    predict = commands.add_parser("predict", help="read image files")
    predict.add_argument("files", nargs="+", metavar="FILE", help="an image with one digit; - for standard input")
    predict.add_argument("--json", action="store_true", help="one JSON object a line, with all probabilities")
    predict.set_defaults(command=_predict)

    evaluate = commands.add_parser("evaluate", help="score weights on MNIST's test split and on unseen pen writers")
    evaluate.add_argument("--data-dir", type=Path, default=Path(os.environ.get("DIGITPAD_DATA") or "data"))
    evaluate.set_defaults(command=_evaluate)

    for command in (predict, evaluate):
        command.add_argument("--weights", type=Path, default=DEFAULT_WEIGHTS, metavar="FILE")

    describe = commands.add_parser("summary", help="show a network's layers")
    describe.add_argument("network", choices=sorted(NETWORKS))
    describe.set_defaults(command=_summary)
    return parser.parse_args(arguments)


def _predict(options: argparse.Namespace) -> int:
    recognizer = Recognizer.load(options.weights)
    status = 0
    for name in options.files:
        try:
            data = sys.stdin.buffer.read() if name == "-" else Path(name).read_bytes()
            reading = recognizer.read_files([data])[0]
        except (OSError, InkError) as error:
            print(f"{name}: {error}", file=sys.stderr)
            status = 1
            continue
        print(_as_json(name, reading) if options.json else _as_text(name, reading))
    return status


def _as_text(name: str, reading: Reading) -> str:
    return f"{name}: {reading.label or reading.verdict}" + (
        f"  {reading.confidence:.1%}, {reading.verdict}" if reading.label else ""
    )


def _as_json(name: str, reading: Reading) -> str:
    values = {field.name: getattr(reading, field.name) for field in dataclasses.fields(reading) if field.name != "seen"}
    return json.dumps({"file": name, **values})


def _evaluate(options: argparse.Namespace) -> int:
    loaded = weights.load(options.weights)
    described = loaded.description
    test = datasets.load_mnist(options.data_dir, train=False)
    scores = evaluation.evaluate(loaded.network, test, described.input)
    print(f"{options.weights}, {loaded.version}\n")
    print(report.table(scores, described.classes))
    print(f"\n{report.summary('MNIST test', scores)}")
    path = options.data_dir / "pen-digits" / pendigits.FILE
    if path.exists():
        unseen = datasets.draw_pen_digits(datasets.split_writers(pendigits.load(path))[1], datasets.SPLIT_SEED)
        scores = evaluation.evaluate(loaded.network, unseen, described.input)
        print(report.summary("pen digits, unseen writers", scores))
    return 0


def _summary(options: argparse.Namespace) -> int:
    for line in summary.lines(summary.layers(build(options.network), (1, 28, 28))):
        print(line)
    return 0


if __name__ == "__main__":
    sys.exit(main())
