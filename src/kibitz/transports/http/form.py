"""The form of an upload, read while it streams in.

Rule: without I/O, and never more of it in memory than its small fields and the bytes just fed.
"""

from email.message import Message
from typing import Final

from multipart import (
    MultipartError,
    MultipartSegment,
    ParserLimitReached,
    PushMultipartParser,
    parse_options_header,
)

from kibitz.domain.errors import Refusal
from kibitz.domain.messages import MAX_TEXT_BYTES

MAX_PARTS: Final = 8
"""Parts of a form: an upload has five at most."""

MAX_NAME_BYTES: Final = 1024
"""Bytes of a field that names someone: more than any name has, written in any script."""

MAX_BESIDES: Final = 128 * 1024
"""Bytes a form may have besides its file: headers, boundaries and fields, generously."""

NAMING: Final = ("recipient", "group_name", "sender")
FIELDS: Final = (*NAMING, "text")
"""What a form may say besides its file."""

_EXAMPLE: Final = "Send a form with the file in its field 'file', as curl -F file=@plan.txt does."


class UploadForm:
    """One form. `fields` are those that came so far; `file_name` is set once the file has begun."""

    def __init__(self, content_type: str) -> None:
        media_type, options = parse_options_header(content_type)
        boundary = options.get("boundary", "")
        if media_type != "multipart/form-data" or not 1 <= len(boundary) <= 70:  # RFC 2046, 5.1.1
            raise Refusal("malformed", f"This is not a multipart form. {_EXAMPLE}")
        self.fields: dict[str, str] = {}
        self.file_name: str | None = None
        self._parser = _parser(boundary)
        self._part: MultipartSegment = None
        self._value = bytearray()

    def feed(self, data: bytes) -> list[bytes]:
        """The bytes of the file in the form's next bytes. Raises `Refusal("malformed")` or `Refusal("invalid")`."""
        found: list[bytes] = []
        try:
            for event in self._parser.parse(data):
                if isinstance(event, MultipartSegment):
                    self._begin(event)
                elif event is None:
                    self._end()
                elif self._part.name == "file":
                    found.append(event)
                else:
                    self._gather(event)
        except ParserLimitReached as error:
            raise Refusal(
                "invalid", f"A part of this form has too long headers, or there are more than {MAX_PARTS}."
            ) from error
        except MultipartError as error:
            raise _malformed(error) from error
        return found

    def finish(self) -> str:
        """The file's name, now that everything was fed. Raises `Refusal` if the form is not whole or has no file."""
        try:
            self._parser.close()
        except MultipartError as error:
            raise _malformed(error) from error
        if self.file_name is None:
            raise Refusal("invalid", f"There is no file in this form. {_EXAMPLE}")
        return self.file_name

    def _begin(self, part: MultipartSegment) -> None:
        self._part = part
        self._value.clear()
        if part.name in FIELDS:
            return
        if part.name != "file":
            known = ", ".join(FIELDS)
            raise Refusal(
                "invalid", f"There is no field {part.name[:64]!r} here; besides 'file' the fields are: {known}."
            )
        name = _name_of(part)
        if name is None:
            raise Refusal("invalid", f"The field 'file' must be a file with a name. {_EXAMPLE}")
        if self.file_name is not None:
            raise Refusal("invalid", "One upload takes one file; send the others in uploads of their own.")
        self.file_name = name

    def _gather(self, data: bytes) -> None:
        self._value += data
        limit = MAX_NAME_BYTES if self._part.name in NAMING else MAX_TEXT_BYTES
        if len(self._value) > limit:
            raise Refusal("too_long", f"The field '{self._part.name}' may have {limit} bytes.")

    def _end(self) -> None:
        name = self._part.name
        if name == "file":
            return
        if name in self.fields:
            raise Refusal("invalid", f"The form has the field '{name}' twice.")
        try:
            self.fields[name] = self._value.decode()
        except UnicodeDecodeError as error:
            raise Refusal("invalid", f"The field '{name}' is not valid UTF-8.") from error


def _parser(boundary: str) -> PushMultipartParser:
    try:
        # Not strict: it would refuse the line end after the last boundary where that comes by itself.
        return PushMultipartParser(boundary, max_segment_count=MAX_PARTS)
    except MultipartError as error:
        raise _malformed(error) from error


def _name_of(part: MultipartSegment) -> str | None:
    if part.filename is not None:
        return str(part.filename)
    # RFC 7578 forbids it, but urllib3 before 2.0, which Debian 12 has, sends names that are not ASCII as RFC 2231 has it.
    header = Message()
    header["Content-Disposition"] = part.header("Content-Disposition", "")
    return header.get_filename()


def _malformed(error: MultipartError) -> Refusal:
    return Refusal("malformed", f"This is not a whole multipart form: {error}.")
