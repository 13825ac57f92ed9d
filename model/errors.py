"""Errors that a person can mend. Any other exception is a bug and shows its traceback."""


class DigitpadError(Exception):
    """An error that a person can mend: the message says what is wrong and what to do."""


class DataMissing(DigitpadError):
    """A data set is missing or cannot be used."""


class PackageMissing(DigitpadError):
    """An optional package is not installed."""


class UsageError(DigitpadError):
    """Options, or the files that they name, do not fit together."""


class FileError(DigitpadError, OSError):
    """A file cannot be written."""


class Diverged(DigitpadError):
    """The loss of a training is no number any more."""

    def __init__(self, epoch: int, rate: float) -> None:
        super().__init__(
            f"The loss is no number any more in epoch {epoch}: the weights grow without bounds. The old weights stay, "
            f"and the last checkpoint. Try --learning-rate {rate / 10:.2g} instead of {rate:.2g}."
        )
