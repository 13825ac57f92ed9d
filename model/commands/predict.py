"""python -m model predict: read the digit in each image of files, folders and Parquet files."""

import argparse
import time
from collections.abc import Iterator
from pathlib import Path

from model.commands.options import add_files, add_weights, at_least, print_each, weights_of
from model.errors import UsageError
from model.inference.bulk import batches, items, on_ray, parquet, results
from model.inference.bulk.items import Inputs, Row
from model.inference.recognizer import Reading, Recognizer


def add(predict: argparse.ArgumentParser) -> None:
    """Add its options."""
    add_files(predict, "an image with one digit, a folder of them, or a Parquet file")
    add_weights(predict)
    predict.add_argument("--out", type=Path, metavar="FILE",
        help="a .csv, .jsonl or .parquet file for the results")  # fmt: skip
    predict.add_argument("--column", default="image", metavar="NAME",
        help="of a Parquet file: the column with the images' bytes (default: image)")  # fmt: skip
    predict.add_argument("--name-column", metavar="NAME", help="of a Parquet file: the column with the images' names")
    predict.add_argument("--ray", action="store_true", help="use all cores, or the cluster at RAY_ADDRESS")
    predict.add_argument("--workers", type=at_least(1), metavar="N", help="with --ray: processes (default: one a core)")
    predict.set_defaults(command=run)


def run(options: argparse.Namespace) -> int:
    """Read everything and print it, or write it to --out. Returns 1 if a file could not be read to be printed."""
    inputs = items.find(options.files)
    if options.out:
        return write_results(options, inputs)
    if options.ray or inputs.tables:
        raise UsageError("There is no file for the results: name one with --out results.csv, .jsonl or .parquet.")
    recognizer = Recognizer.load(weights_of(options))
    return print_each(inputs.images, lambda data: recognizer.read_files([data])[0], _as_text, options.json)


def write_results(options: argparse.Namespace, inputs: Inputs) -> int:
    """Read everything in batches and write a row for each image, with an error if it could not be read."""
    from tqdm import tqdm  # not among what serves, and only --out needs it

    results.check(options.out)
    total = len(inputs.images) or parquet.count(inputs.tables, options.column, options.name_column)
    recognizer = Recognizer.load(weights_of(options))
    columns = items.columns(recognizer.description.classes)
    count = bad = 0
    with results.writing(options.out, columns) as write, tqdm(total=total, unit=" images") as bar:
        started = time.perf_counter()
        for rows in _rows(options, inputs, recognizer):
            write(rows)
            count += len(rows)
            bad += sum(row["error"] is not None for row in rows)
            bar.update(len(rows))
        seconds = time.perf_counter() - started
    print(f"Read {count:,} images in {seconds:.1f} s, {count / seconds:,.0f} a second, and wrote {options.out}")
    if bad:
        print(f"{bad:,} could not be read: the reasons are in the rows' `error`.")
    return 0


def _rows(options: argparse.Namespace, inputs: Inputs, recognizer: Recognizer) -> Iterator[list[Row]]:
    if not options.ray:
        return batches.in_batches(recognizer, batches.items_of(inputs, options.column, options.name_column))
    ray = on_ray.start()
    workers = options.workers or on_ray.cores(ray)
    return on_ray.in_batches(
        ray, inputs, weights_of(options), recognizer.description.classes, options.column, options.name_column, workers
    )


def _as_text(reading: Reading) -> str:
    if reading.label is None:
        return reading.verdict
    doubt = f", perhaps {reading.alternatives[1]}" if reading.alternatives else ""
    return f"{reading.label}  {reading.confidence:.1%}, {reading.verdict}{doubt}"
