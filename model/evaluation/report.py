"""Metrics as text, for training and evaluation to print."""

from collections.abc import Sequence

from model.evaluation.metrics import Scores
from model.networks.training_record import Epoch, Refusal


def summary(name: str, scores: Scores) -> str:
    """Return one line with accuracy, number of errors and loss."""
    errors = scores.count - scores.correct
    return f"{name:<28} {scores.accuracy:8.2%}   {errors:,} of {scores.count:,} wrong, loss {scores.loss:.4f}"


def refusal(rates: Refusal) -> str:
    """Return one line: which shares of the non-digits and of the digits are refused."""
    return (
        f"{'no digit':<28} {rates.others:8.2%}   of {rates.count:,} refused, and {rates.digits:.2%} of the validation "
        f"digits; area under the ROC curve {rates.auroc:.4f}"
    )


def table(scores: Scores, classes: Sequence[str]) -> str:
    """Return precision, recall and F1 by class beside the confusion matrix, whose rows are true classes."""
    width = max(6, *(len(name) + 1 for name in classes), len(str(int(scores.confusion.max()))) + 1)
    header = "class".rjust(width) + "precision".rjust(11) + "recall".rjust(9) + "F1".rjust(9)
    lines = [f"{header} │" + "".join(name.rjust(width) for name in classes)]
    lines.append("─" * (len(header) + 1) + "┼" + "─" * (width * len(classes)))
    rows = zip(classes, scores.precision, scores.recall, scores.f1, scores.confusion.tolist(), strict=True)
    for name, precision, recall, f1, row in rows:
        counts = "".join((str(count) if count else "·").rjust(width) for count in row)
        lines.append(f"{name.rjust(width)}{precision:>11.2%}{recall:>9.2%}{f1:>9.2%} │{counts}")
    return "\n".join(lines)


def history(epochs: Sequence[Epoch]) -> str:
    """Return one line an epoch: loss and accuracy, training and validation."""
    row = "{:>5}  {:>13} {:>9}  {:>15} {:>9}  {:>8}".format
    lines = [row("epoch", "training loss", "accuracy", "validation loss", "accuracy", "seconds")]
    for epoch in epochs:
        training, validation = f"{epoch.training_accuracy:.2%}", f"{epoch.validation_accuracy:.2%}"
        lines.append(
            row(
                epoch.epoch, f"{epoch.training_loss:.4f}", training,
                f"{epoch.validation_loss:.4f}", validation, f"{epoch.seconds:.1f}",
            )
        )  # fmt: skip
    return "\n".join(lines)


def duration(seconds: float) -> str:
    """Return a time as 41 s, or 3 min 20 s."""
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest:02d} s" if minutes else f"{rest} s"
