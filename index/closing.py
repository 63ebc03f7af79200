"""What is closed at the end of a `with`: the one place that says so for all that holds files open."""

from typing import Self


class Closing:
    """Something with a `close`, for a `with`."""

    def close(self) -> None:
        """Release what is held."""
        raise NotImplementedError

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
