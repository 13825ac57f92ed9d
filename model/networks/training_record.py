"""The training record in a weights file: learning curves, metrics and examples, to be shown.

Reading needs none of it. The file may be foreign, so `read` checks every value.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any, Final, TypeVar

BINS: Final = 15  # of confidence, from 0 to 1, in a calibration diagram
MAX_EPOCHS: Final = 1000  # of a longer training, evenly spaced epochs are stored
MAX_CLASSES: Final = 100  # with more, a confusion matrix is larger than a small network
MAX_SETS: Final = 8  # held-out sets
MAX_EXAMPLES: Final = 300
MAX_NAME: Final = 60  # in characters
MOST: Final = 1e9  # of any number
PARTS: Final = {"training_accuracy", "validation_accuracy", "accuracy", "confidence", "auroc", "others", "digits"}

T = TypeVar("T")
Confusion = tuple[tuple[int, ...], ...]


@dataclass(frozen=True)
class Epoch:
    """Loss and accuracy of one epoch. On training images: augmented, and while the weights still changed."""

    epoch: int  # from 1
    training_loss: float
    training_accuracy: float
    validation_loss: float
    validation_accuracy: float
    learning_rate: float  # at its end
    seconds: float  # since the training began


@dataclass(frozen=True)
class Bin:
    """The answers in one bin of confidence: their number, mean confidence and accuracy."""

    count: int
    confidence: float
    accuracy: float


@dataclass(frozen=True)
class Figures:
    """The metrics of one held-out set.

    `confusion` counts images by true class (row) and predicted class (column); it is empty with more than `MAX_CLASSES`
    classes. `reliability` has a `Bin` for each fifteenth of confidence.
    """

    loss: float
    confusion: Confusion
    reliability: tuple[Bin, ...]


@dataclass(frozen=True)
class Refusal:
    """How well non-digits are separated from validation digits."""

    auroc: float
    others: float  # share of the non-digits that are refused
    digits: float  # share of the digits that are refused
    count: int  # of non-digits


@dataclass(frozen=True)
class Example:
    """A digit stored as an example: its held-out set, true class, and prediction."""

    set: str
    true: int  # class numbers
    read: int
    confidence: float


def select_epochs(history: Sequence[Epoch]) -> tuple[Epoch, ...]:
    """Choose the epochs to store: those with finite numbers, evenly spaced if there are more than MAX_EPOCHS."""
    step = math.ceil(len(history) / MAX_EPOCHS) or 1
    last = len(history) - 1
    return tuple(
        epoch
        for number, epoch in enumerate(history)
        if (last - number) % step == 0 and all(math.isfinite(getattr(epoch, field.name)) for field in fields(epoch))
    )


def read(values: Mapping[str, Any], classes: int) -> dict[str, Any]:
    """Build the fields of a training record that a description's JSON `values` have.

    `classes` is the network's number of classes. Raises ValueError for what no training would have written.
    """
    record: dict[str, Any] = {}
    if "history" in values:
        record["history"] = tuple(_build(Epoch, epoch) for epoch in _list(values["history"], "history", MAX_EPOCHS))
    if "figures" in values:
        sets = values["figures"]
        if not isinstance(sets, dict) or len(sets) > MAX_SETS or any(len(name) > MAX_NAME for name in sets):
            raise ValueError(f"its figures are not those of at most {MAX_SETS} sets with names")
        record["figures"] = {name: _figures(figures, classes) for name, figures in sets.items()}
    if values.get("refusal") is not None:
        record["refusal"] = _build(Refusal, values["refusal"])
    if "examples" in values:
        examples = _list(values["examples"], "examples", MAX_EXAMPLES)
        record["examples"] = tuple(_build(Example, example) for example in examples)
        if any(not 0 <= label < classes for example in record["examples"] for label in (example.true, example.read)):
            raise ValueError(f"an example is of no class: they are numbered from 0 to {classes - 1}")
    return record


def _figures(values: Any, classes: int) -> Figures:
    _check_names(Figures, values)
    rows = [_list(row, "row of a confusion matrix") for row in _list(values["confusion"], "confusion matrix")]
    if rows and (len(rows) > MAX_CLASSES or {len(rows), *map(len, rows)} != {classes}):
        raise ValueError(f"a confusion matrix is not {classes} × {classes}, or has more than {MAX_CLASSES} classes")
    bins = _list(values["reliability"], "reliability")
    if len(bins) != BINS:
        raise ValueError(f"its reliability has {len(bins)} bins, and must have {BINS}")
    return Figures(
        _number("loss", values["loss"], float),
        tuple(tuple(_number("count of a confusion matrix", count, int) for count in row) for row in rows),
        tuple(_build(Bin, values) for values in bins),
    )


def _build(kind: type[T], values: Any) -> T:
    """Build a dataclass of names and numbers from a JSON object."""
    _check_names(kind, values)
    for field in fields(kind):  # type: ignore[arg-type]
        if field.type is not str:
            _number(field.name, values[field.name], field.type)
        elif not isinstance(values[field.name], str) or len(values[field.name]) > MAX_NAME:
            raise ValueError(f"{field.name} is {values[field.name]!r:.40}, and must be a name")
    return kind(**values)


def _check_names(kind: type, values: Any) -> None:
    wanted = [field.name for field in fields(kind)]
    if not isinstance(values, dict) or set(values) != set(wanted):
        raise ValueError(f"{values!r:.80} is no {kind.__name__}: it must have {', '.join(wanted)}, and nothing else")


def _number(name: str, value: Any, kind: Any) -> Any:
    most = 1 if name in PARTS else MOST
    allowed = int if kind is int else (int, float)
    if not isinstance(value, allowed) or isinstance(value, bool) or not 0 <= value <= most:
        raise ValueError(f"{name} is {value!r:.40}, and must be a{' whole' * (kind is int)} number from 0 to {most:g}")
    return value


def _list(values: Any, name: str, most: int = MAX_EPOCHS) -> list[Any]:
    if not isinstance(values, list) or len(values) > most:
        raise ValueError(f"its {name} is no list of at most {most:,} entries")
    return values
