"""The pipe protocol as a codec.

Rule: it only joins the parts; what lines mean stands in `decode`, `encode` and `replies`.
"""

from typing import Final

from kibitz.wire.commands import GetHistory
from kibitz.wire.pipe.decode import decode, decode_first
from kibitz.wire.pipe.encode import encode_event
from kibitz.wire.pipe.replies import encode_close, encode_refusal, encode_reply, encode_welcome
from kibitz.wire.pipe.verbs import GENERAL_ROOM, HISTORY


class PipeCodec:
    """Lines of the pipe protocol. A private message reads differently to its sender and its receiver, hence `personal`."""

    name = "pipe"
    personal = True
    greeting: GetHistory | None = GetHistory(room=GENERAL_ROOM, limit=HISTORY)

    decode = staticmethod(decode)
    decode_first = staticmethod(decode_first)
    encode_event = staticmethod(encode_event)
    encode_welcome = staticmethod(encode_welcome)
    encode_reply = staticmethod(encode_reply)
    encode_refusal = staticmethod(encode_refusal)
    encode_close = staticmethod(encode_close)


PIPE: Final = PipeCodec()
