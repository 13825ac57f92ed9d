"""What a person can mend. Anything else is a bug, and shows its traceback."""


class DigitpadError(Exception):
    """Something is wrong that a person can mend: the message says what, and what to do."""


class DataMissing(DigitpadError):
    """A data set is not there, or cannot be used."""


class PackageMissing(DigitpadError):
    """An optional package is not installed."""


class UsageError(DigitpadError):
    """Options, or the files that they name, do not fit together."""


class FileError(DigitpadError, OSError):
    """A file cannot be written."""
