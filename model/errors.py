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
