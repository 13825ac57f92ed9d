"""Bulk reading on Ray Data: on all cores of this machine, or of the cluster that RAY_ADDRESS names.

The driver hands out paths, or row groups of Parquet files; each worker loads the weights once, and opens and reads what
it is handed; the rows come back in order. On a cluster, images and this tree must lie at the same paths on every
machine.
"""

import logging
import os
import secrets
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any, Final

from model.errors import DigitpadError, PackageMissing
from model.files import read_whole
from model.inference.bulk import batches, parquet, results
from model.inference.bulk.items import BATCH, LARGEST, Inputs, Item, Row, columns, shown

HOME: Final = Path(__file__).parents[3]
BLOCK: Final = 4 * BATCH  # paths that are handed out together
RETRIES: Final = 2  # of a block whose worker died: of a lost machine, or of an image


def start() -> Any:
    """Start Ray here, or connect to the cluster at RAY_ADDRESS. Raises PackageMissing where Ray is not installed."""
    os.environ["RAY_USAGE_STATS_ENABLED"] = "0"  # nothing is told to anyone
    os.environ.setdefault("RAY_BACKEND_LOG_LEVEL", "fatal")  # it says much that is of no use to who reads images
    if os.environ.get("RAY_ADDRESS", "local") == "local":
        # A Ray of our own listens on all addresses, and runs what it is sent: nobody else knows its word.
        os.environ["RAY_AUTH_MODE"], os.environ["RAY_AUTH_TOKEN"] = "token", secrets.token_hex(32)
    try:
        import ray.data
    except ImportError as error:
        raise PackageMissing(
            f"--ray needs Ray, which is not installed: {parquet.NEEDED}, or leave --ray out."
        ) from error
    if not ray.is_initialized():
        # There is a worker for each core: a pool of threads in each would only make them wait.
        variables = {"PYTHONPATH": str(HOME), "RAY_USAGE_STATS_ENABLED": "0", "OMP_NUM_THREADS": "1"}
        environment = {"env_vars": variables}
        quiet: dict[str, Any] = {"log_to_driver": False, "logging_level": logging.ERROR}
        address = os.environ.get("RAY_ADDRESS", "local")
        ray.init(address, runtime_env=environment, include_dashboard=False if address == "local" else None, **quiet)
    context = ray.data.DataContext.get_current()
    context.enable_progress_bars = False  # there is one of ours
    context.execution_options.preserve_order = True
    logging.getLogger("ray.data").setLevel(logging.CRITICAL)  # what goes wrong is raised, too
    return ray


def cores(ray: Any) -> int:
    """Count the workers that there is room for: one a core."""
    return max(1, int(ray.cluster_resources().get("CPU", 1)))


def in_batches(
    ray: Any, inputs: Inputs, weights: Path, classes: Sequence[str], column: str, name_column: str | None, workers: int
) -> Iterator[list[Row]]:
    """Read all images on `workers` processes. Yields rows in the order of the images.

    Raises DigitpadError where some of them cannot be read because it kills whatever process tries.
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
        max_task_retries=RETRIES,  # Ray Data's own answer to an image that kills its worker is to try for ever
    )
    try:
        for table in read.iter_batches(batch_size=None, batch_format="pyarrow"):
            yield table.to_pylist()
    except ray.exceptions.RayActorError as error:
        raise DigitpadError(
            f"a worker died {RETRIES + 1} times over the same images: give --workers a smaller number, if memory is "
            "short; otherwise one of them kills it: read them in several runs to find out which."
        ) from error


def _paths(ray: Any, paths: Sequence[str], workers: int) -> Any:
    size = min(BLOCK, -(-len(paths) // workers))  # few images are shared out, too
    # As bytes: a path that is not UTF-8 is no text to arrow.
    names = [os.fsencode(os.path.abspath(path)) for path in paths]
    told = [shown(path) for path in paths]
    parts = [slice(at, at + size) for at in range(0, len(paths), size)]
    return ray.data.from_arrow([parquet.arrow().table({"path": names[part], "told": told[part]}) for part in parts])


def _groups(ray: Any, paths: Sequence[str]) -> Any:
    return ray.data.from_arrow(
        [
            parquet.arrow().table({"path": [path], "group": [group], "first": [first]})
            for path, group, first in parquet.groups(paths)
        ]
    )


def _reader(weights: Path, schema: Any, column: str, name_column: str | None) -> type:
    """Make the class whose objects live in the workers."""
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
    if "told" in handed:
        yield Item(handed["told"], partial(read_whole, os.fsdecode(handed["path"]), LARGEST))
    else:
        yield from parquet.items_of_group(handed["path"], handed["group"], handed["first"], column, name_column)
