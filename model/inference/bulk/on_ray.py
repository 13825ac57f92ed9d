"""Bulk reading on Ray Data: on all cores of this machine, or of the cluster that RAY_ADDRESS names.

The driver hands out paths, or row groups of Parquet files. Each worker loads the weights once and reads what it gets.
The rows come back in order. On a cluster, the images and this tree must have the same paths on every machine.
"""

import logging
import os
import secrets
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final

from model.errors import DigitpadError, PackageMissing
from model.inference.bulk import batches, parquet, results
from model.inference.bulk.items import BATCH, Inputs, Item, Row, columns, shown

HOME: Final = Path(__file__).parents[3]
BLOCK: Final = 4 * BATCH  # paths that a worker gets at once
RETRIES: Final = 2  # of a block whose worker died


def start() -> Any:
    """Start Ray here, or connect to the cluster at RAY_ADDRESS. Raises PackageMissing if Ray is not installed."""
    os.environ["RAY_USAGE_STATS_ENABLED"] = "0"  # no statistics are sent
    os.environ.setdefault("RAY_BACKEND_LOG_LEVEL", "fatal")  # its log is of no use here
    if os.environ.get("RAY_ADDRESS", "local") == "local":
        # Ray listens on all addresses and runs what it is sent: it needs a secret token.
        os.environ["RAY_AUTH_MODE"], os.environ["RAY_AUTH_TOKEN"] = "token", secrets.token_hex(32)
    try:
        import ray.data
    except ImportError as error:
        raise PackageMissing(
            f"--ray needs Ray, which is not installed: {parquet.NEEDED}, or leave --ray out."
        ) from error
    if not ray.is_initialized():
        # There is a worker for each core, so one thread in each is enough.
        variables = {"PYTHONPATH": str(HOME), "RAY_USAGE_STATS_ENABLED": "0", "OMP_NUM_THREADS": "1"}
        environment = {"env_vars": variables}
        quiet: dict[str, Any] = {"log_to_driver": False, "logging_level": logging.ERROR}
        address = os.environ.get("RAY_ADDRESS", "local")
        ray.init(address, runtime_env=environment, include_dashboard=False if address == "local" else None, **quiet)
    context = ray.data.DataContext.get_current()
    context.enable_progress_bars = False  # the command has its own
    context.execution_options.preserve_order = True
    logging.getLogger("ray.data").setLevel(logging.CRITICAL)  # errors are raised as well
    return ray


def cores(ray: Any) -> int:
    """Return the number of workers: one for each core."""
    return max(1, int(ray.cluster_resources().get("CPU", 1)))


def in_batches(
    ray: Any, inputs: Inputs, weights: Path, classes: Sequence[str], column: str, name_column: str | None, workers: int
) -> Iterator[list[Row]]:
    """Read all images in `workers` processes. Yields rows in the order of the images.

    Raises DigitpadError if a worker keeps dying.
    """
    schema = results.arrow_schema(columns(classes))
    reader = _reader(weights.resolve(), schema, column, name_column)
    handed = _paths(ray, inputs.images, workers) if inputs.images else _groups(ray, inputs.tables)
    read = handed.map_batches(
        reader,
        batch_size=BATCH if inputs.images else 1,
        batch_format="pyarrow",
        compute=ray.data.ActorPoolStrategy(size=workers),
        num_cpus=1,
        max_task_retries=RETRIES,  # by default Ray Data retries for ever
    )
    try:
        for table in read.iter_batches(batch_size=None, batch_format="pyarrow"):
            yield table.to_pylist()
    except ray.exceptions.RayActorError as error:
        raise DigitpadError(
            f"a worker died {RETRIES + 1} times over the same images. If memory is short, use fewer --workers. If not, "
            "one of the images kills it: read them in several runs to find out which."
        ) from error


def _paths(ray: Any, paths: Sequence[str], workers: int) -> Any:
    size = min(BLOCK, -(-len(paths) // workers))  # so that every worker gets some of few images
    absolute = [os.fsencode(os.path.abspath(path)) for path in paths]  # bytes, because arrow takes UTF-8 text only
    names = [shown(path) for path in paths]
    parts = [slice(at, at + size) for at in range(0, len(paths), size)]
    return ray.data.from_arrow([parquet.arrow().table({"path": absolute[part], "name": names[part]}) for part in parts])


def _groups(ray: Any, paths: Sequence[str]) -> Any:
    return ray.data.from_arrow(
        [
            parquet.arrow().table({"path": [path], "group": [group], "first": [first]})
            for path, group, first in parquet.groups(paths)
        ]
    )


def _reader(weights: Path, schema: Any, column: str, name_column: str | None) -> type:
    """Make the class that each worker has an object of."""
    home = os.getcwd()

    class Reader:
        def __init__(self) -> None:
            from model.inference.recognizer import Recognizer

            os.chdir(home)
            self.recognizer = Recognizer.load(weights)

        def __call__(self, handed: Any) -> Iterator[Any]:
            items = (item for row in handed.to_pylist() for item in _items(row, column, name_column))
            for rows in batches.in_batches(self.recognizer, items):
                yield parquet.arrow().Table.from_pylist(rows, schema)

    return Reader


def _items(handed: Row, column: str, name_column: str | None) -> Iterator[Item]:
    if "name" in handed:
        yield from batches.pages(handed["name"], os.fsdecode(handed["path"]))
    else:
        yield from parquet.items_of_group(handed["path"], handed["group"], handed["first"], column, name_column)
