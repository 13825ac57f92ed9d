"""How a network is trained: every setting, in one place."""

from dataclasses import dataclass, field

from model.augment import Augmentation
from model.glyphs import DIGITS


@dataclass(frozen=True)
class Recipe:
    """How a network is trained, and what each setting is for.

    The defaults are those of `digitpad`; what was compared is in docs/training.md. The registry of the networks says
    where another one wants something else.
    """

    epochs: int = 8
    batch_size: int = 128  # many steps in few epochs, and a processor is hardly faster with larger ones
    learning_rate: float = 2e-3  # the peak of a one-cycle schedule: bold in the middle, calm at the end
    warm_up: float = 0.25  # part of the training in which the rate rises
    weight_decay: float = 0.05  # AdamW's, on convolutions and linear layers alone: it keeps weights from growing
    label_smoothing: float = 0.05  # stops logits from growing without end over labels that are not all right
    averaging: float = 0.1  # the weights kept are a running average over about this last part of it: less noise
    drawings: int = 1  # of each pen digit in every variant, each with another pen
    varied: int = 0  # more drawings of each, as other hands could have written it
    glyphs: int = 0  # digits written from templates, for ways of writing that the data have not; new in every variant
    kinds: tuple[str, ...] = tuple(DIGITS)  # which of the templates
    nondigits: int = 0  # images of what is no digit, new in every variant: the network then has an output for them
    cuts: int = 0  # images cut out of digits that touch, new in every variant: half are digits, half are none
    augmentation: Augmentation = field(default_factory=Augmentation)
