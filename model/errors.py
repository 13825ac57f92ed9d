"""What a person can mend: the message says what is the matter and what to do."""


class DataMissing(Exception):
    """A data set is not there and cannot be fetched. The message says which files to put where."""
