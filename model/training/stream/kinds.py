"""The networks that learn from examples made on the fly: how each is trained, with which recipe, how calibrated."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from model.networks.description import Description
from model.training.ink.calibrate import calibrate_ink
from model.training.ink.training import InkRecipe, InkTraining
from model.training.line.calibrate import calibrate_line
from model.training.line.training import LineRecipe, LineTraining
from model.training.stream.training import StreamRecipe, StreamTraining


@dataclass(frozen=True)
class Stream:
    """A kind of training. `begin` takes network, sources, unseen sources, recipe, device and seed."""

    begin: Callable[..., StreamTraining[Any]]
    recipe: StreamRecipe
    calibrate: Callable[..., Description]


STREAMS: Final[Mapping[str, Stream]] = {
    "ink": Stream(InkTraining, InkRecipe(), calibrate_ink),
    "line": Stream(LineTraining, LineRecipe(), calibrate_line),
}
