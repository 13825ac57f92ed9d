"""What a weights file keeps of its training, to be shown: curves, figures, and which digits were misread as what.

A network reads without any of it. It may come from a stranger, so that `read` believes nothing unchecked.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any, Final, TypeVar

BINS: Final = 15  # of confidence, from 0 to 1, in a calibration diagram
MAX_EPOCHS: Final = 1000  # of a longer training, evenly spaced ones are kept
MAX_CLASSES: Final = 100  # with more of them, a confusion matrix takes more room than a small network
MAX_SETS: Final = 8  # of held-out images
MAX_EXAMPLES: Final = 300
MAX_NAME: Final = 60  # in characters
MOST: Final = 1e9  # of any figure
PARTS: Final = {"training_accuracy", "validation_accuracy", "accuracy", "confidence", "auroc", "others", "digits"}

T = TypeVar("T")
Confusion = tuple[tuple[int, ...], ...]


@dataclass(frozen=True)
class Epoch:
    """What one epoch came to. Training figures are of augmented images under a network that still changed."""

    epoch: int  # from 1
    training_loss: float
    training_accuracy: float
    validation_loss: float
    validation_accuracy: float
    learning_rate: float  # at its end
    seconds: float  # since the training began


@dataclass(frozen=True)
class Bin:
    """The answers of about one confidence: how many, how sure they were on average, and what part of them was right."""

    count: int
    confidence: float
    accuracy: float


@dataclass(frozen=True)
class Figures:
    """What reading one held-out set came to.

    `confusion` counts its images by true class (row) and predicted class (column); it is empty where there are more
    than `MAX_CLASSES`. `reliability` has one `Bin` for each fifteenth of confidence.
    """

    loss: float
    confusion: Confusion
    reliability: tuple[Bin, ...]


@dataclass(frozen=True)
class Refusal:
    """How well what is no digit was told from validation digits."""

    auroc: float
    others: float  # the part of what is no digit that is refused
    digits: float  # the part of the digits that is
    count: int  # of what is no digit


@dataclass(frozen=True)
class Example:
    """One digit that is kept to be looked at: where it is from, what it is, and what it was read as."""

    set: str
    true: int  # class numbers
    read: int
    confidence: float


def keep(history: Sequence[Epoch]) -> tuple[Epoch, ...]:
    """Pick the epochs to be kept: all but those of too long a training, and those whose figures are not finite."""
    step = math.ceil(len(history) / MAX_EPOCHS) or 1
    last = len(history) - 1
    return tuple(
        epoch
        for number, epoch in enumerate(history)
        if (last - number) % step == 0 and all(math.isfinite(getattr(epoch, field.name)) for field in fields(epoch))
    )


def read(values: Mapping[str, Any], classes: int) -> dict[str, Any]:
    """Build what a description's JSON `values` hold of a record; what is not there stays away.

    `classes` says how many the network has. Raises ValueError for what no training would have written.
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
    """Build a flat record from a JSON object, field by field."""
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
