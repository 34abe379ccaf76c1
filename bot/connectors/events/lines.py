"""The lines of a body, unpacked piece by piece, so that even the largest batch needs little memory at once."""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Iterator

from bot.connectors.events.refusals import BadLines, Problem, TooLarge

MOST_UNPACKED = 64 * 2**20
MOST_LINES = 1_000_000
LONGEST_LINE = 128 * 2**10
PIECE = 256 * 2**10  # decoding that much holds the interpreter for about two milliseconds
PACKED_PIECE = 64 * 2**10
MOST_MEMBERS = 2_000
GZIP = zlib.MAX_WBITS | 16
BYTE_ORDER_MARK = b"\xef\xbb\xbf"


class Body:
    """What was sent; after `lines` have been read `digest` is the SHA-256 of the unpacked text."""

    def __init__(self, content: bytes, *, gzipped: bool = False) -> None:
        self._content = content
        self._gzipped = gzipped
        self._sha = hashlib.sha256()

    @property
    def digest(self) -> bytes:
        return self._sha.digest()

    def lines(self) -> Iterator[list[bytes]]:
        """Runs of whole lines; `BadLines` or `TooLarge` when the body cannot be read to its end."""
        rest, line, unpacked = b"", 1, 0
        for piece in self._pieces():
            if (unpacked := unpacked + len(piece)) > MOST_UNPACKED:
                raise TooLarge(Problem(0, "", f"there are more than {MOST_UNPACKED:,} bytes when unpacked"))
            self._sha.update(piece)
            if unpacked == len(piece):
                piece = piece.removeprefix(BYTE_ORDER_MARK)
            *whole, rest = (rest + piece).split(b"\n")
            if max(map(len, (*whole, rest))) > LONGEST_LINE:
                number = next(number for number, each in enumerate((*whole, rest), line) if len(each) > LONGEST_LINE)
                raise BadLines(Problem(number, "", f"is longer than {LONGEST_LINE:,} bytes"))
            if (line := line + len(whole)) > MOST_LINES:
                raise TooLarge(Problem(0, "", f"there are more than {MOST_LINES:,} lines"))
            yield whole
        if rest:
            yield [rest]

    def _pieces(self) -> Iterator[bytes]:
        if self._gzipped:
            return _unpacked(self._content)
        return (self._content[at : at + PIECE] for at in range(0, len(self._content), PIECE))


def _unpacked(packed: bytes) -> Iterator[bytes]:
    """The members of a gzip file one after the other, never more than a piece at a time."""
    inflate, members = zlib.decompressobj(wbits=GZIP), 1
    for at in range(0, len(packed), PACKED_PIECE):
        rest = packed[at : at + PACKED_PIECE]
        while rest:
            if inflate.eof:
                inflate, members = zlib.decompressobj(wbits=GZIP), members + 1
            if members > MOST_MEMBERS:
                raise BadLines(Problem(0, "", f"the gzip body has more than {MOST_MEMBERS:,} members"))
            try:
                piece = inflate.decompress(rest, PIECE)
            except zlib.error as error:
                raise BadLines(Problem(0, "", "the body is not gzip, or it is damaged")) from error
            rest = inflate.unused_data if inflate.eof else inflate.unconsumed_tail
            if piece:
                yield piece
    while not inflate.eof:
        if not (piece := inflate.decompress(b"", PIECE)):
            raise BadLines(Problem(0, "", "the gzip body ends too early; part of it is missing"))
        yield piece
