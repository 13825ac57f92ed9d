"""The table of all networks: what each costs, and its accuracy in the training logs."""

import json
import statistics
import time
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

import torch

from model.errors import UsageError
from model.evaluation.report import duration
from model.files import write_atomically
from model.inference.engines.eager import predict_logits
from model.networks.registry import DIGIT_NETWORKS, NETWORKS, PHOTOGRAPH_NETWORKS, build, count_parameters
from model.networks.summary import summarize

RESULTS: Final = "comparison.json"  # in the logs' folder
BEGIN: Final = "<!-- The table of networks, written by python -m model compare -->"
END: Final = "<!-- End of the table -->"
READINGS: Final = 60  # of one image, of which the median time is taken


@dataclass(frozen=True)
class Row:
    """One network. Metrics of a training are None if there was none."""

    network: str
    parameters: int
    bytes: int  # of the weights file
    multiplications: int  # for one image
    milliseconds: float  # for one image, on one thread of the machine that ran the comparison
    tutorial: float | None  # accuracy on the test split
    test: float | None = None  # accuracy on the test split, or on the validation images where there is none
    pens: float | None = None  # accuracy on pen digits of unseen writers
    seconds: int | None = None  # of training
    memory: int | None = None  # bytes, the most that the training had at once
    command: str = ""


def compare(logs: Path, names: Sequence[str] = (*DIGIT_NETWORKS, *PHOTOGRAPH_NETWORKS)) -> list[Row]:
    """Measure each network, and read its training's metrics from `logs`."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        return [_row(name, logs) for name in names]
    finally:
        torch.set_num_threads(threads)


def _row(name: str, logs: Path) -> Row:
    log = logs / f"{name}.json"
    training = json.loads(log.read_text("utf-8")) if log.exists() else {}
    to_input = NETWORKS[name].input
    network = build(name, **training.get("arguments", {})).eval().to(memory_format=torch.channels_last)
    colour = to_input.channels == 3
    image = torch.zeros(1, *(to_input.shape[-3:] if colour else (28, 28)), dtype=torch.uint8)
    times = []
    for _ in range(READINGS):
        started = time.perf_counter()
        predict_logits(network, image, to_input)
        times.append(time.perf_counter() - started)
    cost = sum(layer.multiplications for layer in summarize(network, to_input.shape))
    figures: dict[str, Any] = {}
    if training:
        scores = training["scores"]
        pens = scores.get("pen validation")
        figures = {
            "test": round((scores.get("test") or scores["validation"])["accuracy"], 6),
            "pens": pens and round(pens["accuracy"], 6),
            "seconds": training["recipe"]["seconds"],
            "memory": training["recipe"].get("memory"),
            "command": training["command"],
        }
    size = sum(tensor.numel() * tensor.element_size() for tensor in network.state_dict().values())
    milliseconds = round(1000 * statistics.median(times), 2)
    return Row(name, count_parameters(network), size, cost, milliseconds, NETWORKS[name].tutorial, **figures)


def markdown(rows: Iterable[Row]) -> str:
    """Return the rows as a table in Markdown."""
    titles = "parameters | weights | multiplications | an image | trained in | memory | a tutorial's | test | pens"
    lines = [f"| network | {titles} |", "|---|" + "---:|" * (titles.count("|") + 1)]
    for row in rows:
        cells = (
            f"[`{row.network}`](../weights/logs/{row.network}.log)" if row.command else f"`{row.network}`",
            f"{row.parameters:,}",
            _size(row.bytes),
            f"{row.multiplications / 1e6:,.2f} M",
            f"{row.milliseconds:.2f} ms",
            "not run" if row.seconds is None else duration(row.seconds),
            _size(row.memory) if row.memory else "–",
            _percent(row.tutorial),
            "not run" if row.test is None else f"**{_percent(row.test)}**",
            _percent(row.pens),
        )
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def update(document: Path, rows: Iterable[Row]) -> bool:
    """Replace the table in `document`, between its two comments. Returns False if it has none."""
    text = document.read_text("utf-8") if document.is_file() else ""
    before, begin, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        return False
    with write_atomically(document) as unfinished:
        unfinished.write_text(f"{before}{BEGIN}\n{markdown(rows)}\n{END}{after}", "utf-8")
    return True


def _size(size: int) -> str:
    if size >= 1e9:
        return f"{size / 1e9:,.1f} GB"
    return f"{size / 1e6:,.1f} MB" if size >= 1e6 else f"{size / 1e3:,.0f} kB"


def _percent(part: float | None) -> str:
    return "–" if part is None else f"{part:.2%}".replace("%", " %")


def write(logs: Path, document: Path) -> list[Row]:
    """Measure the networks and write the table beside the logs and into `document`. Raises UsageError and FileError."""
    if not logs.is_dir():
        raise UsageError(f"{logs} is not there: train networks with `python train.py`, or name another --weights-dir.")
    rows = compare(logs)
    lines = ",\n".join(f" {json.dumps(asdict(row))}" for row in rows)
    with write_atomically(logs / RESULTS) as unfinished:
        unfinished.write_text(f"[\n{lines}\n]\n", "utf-8")
    update(document, rows)
    return rows
