"""How things fail for whoever uses the client.

Rule: whatever the server says no to is a `Refused` with the server's own code and sentence; nothing here ever quotes a secret.
"""


class ClientError(Exception):
    """Base of all that this package raises."""


class Refused(ClientError):
    """The server did not carry out a command.

    `code` is stable and `number` its place in the table of `kibitz.domain.errors`, whose ranges say what to do; `message` is one
    sentence for a person; `retry_after` is in seconds, for numbers 400-499.
    """

    def __init__(self, code: str, number: int, message: str, retry_after: float | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.number = number
        self.message = message
        self.retry_after = retry_after

    @property
    def passes(self) -> bool:
        """Whether the same command will do after a while."""
        return 400 <= self.number < 500


class Lost(ClientError):
    """The connection was lost before the answer came: the command may have been carried out or not."""


class Ended(ClientError):
    """The client will not connect (any more): it was closed, or the server said not to come back."""


class Untrusted(ClientError):
    """The server did not prove that it is the one that was meant. Nothing was sent to it."""


class OutboxFull(ClientError):
    """More waits to be sent than may: nothing was taken."""


class Overrun(ClientError):
    """Events came faster than they were taken from a stream: look at the replica and begin a new one."""
