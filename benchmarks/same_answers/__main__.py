"""Show that a change of the code changes no answer: some 2,000 requests of every kind, byte for byte.

    DIGITPAD_DATA=… python -m benchmarks.same_answers --runtime torch --out before.json
    DIGITPAD_DATA=… python -m benchmarks.same_answers --runtime torch --compare before.json

Every body goes to /predict, /read and /inspect, every fifth one to another network, too, and every tenth one to
/inspect?layers=all and ?why=true. Prints the SHA-256 of the answers, by kind and endpoint and of all. Digests are
compared on one machine with one set of libraries: on another, floats differ in their last digits.

Left out of the digests are elapsed_ms and request_id, and of the headers all but Content-Type. Not asked is
/inspect?towards=…, whose search ends by the clock. Without DIGITPAD_DATA the requests are made of the drawings in
tests/fixtures and docs/.
"""

import hashlib
import json
import os
import re
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, TypeVar

from app import create_app
from benchmarks import arguments
from benchmarks.same_answers.inputs import from_data, from_fixtures, requests

ENDPOINTS = {  # by the name of the table's column: the address, and which part of the bodies goes there
    "predict": ("/predict?input=true", 1),
    "networks": ("/predict?input=true&model={}", 5),
    "read": ("/read?input=true", 1),
    "inspect": ("/inspect", 1),
    "layers": ("/inspect?layers=all", 10),
    "why": ("/inspect?layers=none&why=true", 10),
}
NETWORKS = ("lenet5", "lenet", "mlp", "cnn-tiny", "cnn-keras", "cnn-dropout", "resnet-mini")
TIMES = re.compile(rb'"(elapsed_ms|request_id)": ?("[^"]*"|[0-9.e+-]+)')
LONG = re.compile(rb"[A-Za-z0-9+/=]{80,}")  # base64
SHOWN = 5  # answers that differ

Answer = list[str]  # kind, endpoint, the request's number, and what was answered
T = TypeVar("T")


def main() -> int:
    """Print the digests. Returns 1 where they are not those of --compare."""
    parser = arguments.parser(__doc__)
    parser.add_argument("--count", type=int, default=2000, help="requests (default: 2000)")
    parser.add_argument("--runtime", choices=("torch", "onnx"), default="torch")
    parser.add_argument("--out", type=Path, help="where to write digests and answers, as JSON")
    parser.add_argument("--compare", type=Path, help="what --out wrote before")
    options = parser.parse_args()
    data = os.environ.get("DIGITPAD_DATA")
    if not data:
        print("DIGITPAD_DATA is not set: only the drawings in tests/fixtures and docs/ are sent.")
    sources = from_data(Path(data)) if data else from_fixtures()
    sent = list(requests(sources, options.count))
    inputs = digest(f"{one.kind} {one.content_type} {sha(one.content)}" for one in sent)
    client = create_app({"RUNTIME": options.runtime, "CORRECTIONS": False, "MAX_SECONDS": 3600}).test_client()
    answers: list[Answer] = []
    for number, request in enumerate(progress(sent)):
        for endpoint, (address, every) in ENDPOINTS.items():
            if number % every == 0:
                path = address.format(NETWORKS[number // every % len(NETWORKS)])
                response = client.post(path, data=request.content, content_type=request.content_type)
                body = LONG.sub(lambda found: sha(found[0]).encode(), TIMES.sub(rb'"\1":0', response.data))
                answer = f"{response.status_code} {response.content_type} {body.decode()}"
                answers.append([request.kind, endpoint, f"{number} {path}", answer])
    report = {"runtime": options.runtime, "inputs": inputs, "digests": digests(answers), "answers": answers}
    print_table(report)
    if options.out:
        options.out.write_text(json.dumps(report, indent=0))
    return compare(json.loads(options.compare.read_text()), report) if options.compare else 0


def sha(content: bytes) -> str:
    """Return the SHA-256 in hexadecimal."""
    return hashlib.sha256(content).hexdigest()


def digest(texts: Iterable[str]) -> str:
    """Return the SHA-256 of texts, a line each."""
    return sha("\n".join(texts).encode())


def digests(answers: Sequence[Answer]) -> dict[str, str]:
    """Return the digest of each kind at each endpoint, of each endpoint, and of everything."""
    groups: dict[str, list[str]] = {}
    for answer in answers:
        kind, endpoint = answer[:2]
        for name in (f"{kind}/{endpoint}", f"all/{endpoint}", "all"):
            groups.setdefault(name, []).append(" ".join(answer))
    return {name: digest(texts) for name, texts in groups.items()}


def print_table(report: dict[str, Any]) -> None:
    """Print the beginning of each digest, a line for each kind, and the whole digest of all."""
    counts: dict[str, int] = {}
    for kind, endpoint, *_ in report["answers"]:
        counts[kind] = counts.get(kind, 0) + (endpoint == "predict")
    print(f"{'':<20}{'n':>6}  " + "".join(f"{endpoint:<10}" for endpoint in ENDPOINTS))
    for kind, count in {**counts, "all": sum(counts.values())}.items():
        row = (report["digests"].get(f"{kind}/{endpoint}", "–")[:8] for endpoint in ENDPOINTS)
        print(f"{kind:<20}{count:>6,}  " + "".join(f"{cell:<10}" for cell in row))
    print(f"\n{report['runtime']}, inputs  {report['inputs']}\n{report['runtime']}, answers {report['digests']['all']}")


def compare(before: dict[str, Any], after: dict[str, Any]) -> int:
    """Print which kinds differ, and the first answers that do. Returns 1 if any does."""
    if [before[name] for name in ("runtime", "inputs")] != [after[name] for name in ("runtime", "inputs")]:
        print("\nNot comparable: another runtime or other inputs were used before.")
        return 1
    differing = [name for name, value in after["digests"].items() if before["digests"].get(name) != value]
    if not differing:
        print("\nThe same answers as before.")
        return 0
    print(f"\nDIFFERENT: {', '.join(sorted(differing))}")
    pairs = [(old, new) for old, new in zip(before["answers"], after["answers"], strict=True) if old != new]
    for (*_, old), (kind, endpoint, request, new) in pairs[:SHOWN]:
        same = next((k for k, (one, other) in enumerate(zip(old, new, strict=False)) if one != other), len(old))
        start = max(0, same - 60)
        print(f"\n{kind}, {endpoint}, {request}")
        print(f"  before: …{old[start : start + 160]}\n  after:  …{new[start : start + 160]}")
    print(f"\n{len(pairs):,} of {len(after['answers']):,} answers differ.")
    return 1


def progress(items: Sequence[T]) -> Iterable[T]:
    """Show a progress bar where tqdm is installed."""
    try:
        from tqdm import tqdm
    except ImportError:
        return items
    bar: Iterable[T] = tqdm(items, unit=" requests", leave=False)
    return bar


if __name__ == "__main__":
    sys.exit(main())
