"""The errors a person can meet, as one tree. Each message says what was wrong, with the value, and what to do next."""

import traceback


class OnRecordError(Exception):
    """The base of every error of ours. Its message is shown to users as it is."""


def told(error: BaseException) -> str:
    """What a log may say of an error: the message of one of ours; of a defect where it was met, but not its text, which may
    repeat a question."""
    if isinstance(error, OnRecordError):
        return str(error)
    return f"{type(error).__name__}\n{''.join(traceback.format_tb(error.__traceback__))}"


class SourceError(OnRecordError):
    """A file that cannot be read as a source. The sync reports it, skips it and goes on."""


class NoSourcesError(OnRecordError):
    """The sources folder is missing, or holds nothing that can be indexed."""


class NoIndexError(OnRecordError):
    """No generation has been published where one was looked for."""


class IndexMismatchError(OnRecordError):
    """The index was built with another model, or by another version of the index format."""


class InputError(OnRecordError):
    """A question, batch line, setting or option that cannot be used as given."""
