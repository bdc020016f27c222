"""Why a connection to a document is closed.

Rule: y-websocket's clients come back after every code but 4400 to 4499; so here, other than in `kibitz.wire.closing`, those are the
ones that do not. Their last two digits are those of the HTTP status that means the same.
"""

from typing import Final

from kibitz.wire.closing import Close

MALFORMED: Final = Close(4400, "malformed", "A message was not what it should be; nothing of it was kept.")
NOT_LOGGED_IN: Final = Close(4401, "not_logged_in", "This login has ended or was never valid; log in again.")
FORBIDDEN: Final = Close(4403, "forbidden", "This session is not, or not any more, open to you.")
NOT_FOUND: Final = Close(4404, "not_found", "There is no such session.")
GONE: Final = Close(4410, "gone", "This session was closed.")
TOO_LARGE: Final = Close(4413, "too_large", "The text would become too long; reload it and keep less.")
SPLIT: Final = Close(4422, "split_character", "An edit cuts a character in two halves; reload the text.")
UNSAVED: Final = Close(4503, "unsaved", "The server cannot store edits just now; come back in a moment.", 5.0)

CLOSES: Final = {
    close.code: close for close in (MALFORMED, NOT_LOGGED_IN, FORBIDDEN, NOT_FOUND, GONE, TOO_LARGE, SPLIT, UNSAVED)
}


def is_terminal(close: Close) -> bool:
    """Whether a stock client takes this for the end."""
    return 4400 <= close.code < 4500
