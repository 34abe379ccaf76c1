"""Bodies are unpacked piece by piece, and those that nobody should unpack are cut off."""

from __future__ import annotations

import gzip
import tracemalloc
import zlib
from collections import deque

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.connectors.events import lines as module
from bot.connectors.events.lines import LONGEST_LINE, MOST_LINES, MOST_MEMBERS, MOST_UNPACKED, PIECE, Body
from bot.connectors.events.refusals import BadLines, TooLarge

MEBIBYTE = 2**20


def all_lines(body: Body) -> list[bytes]:
    return [line for some in body.lines() for line in some]


@settings(deadline=None)
@given(
    st.lists(st.binary(max_size=9).map(lambda line: line.replace(b"\n", b"").replace(b"\xef", b"")), max_size=30),
    st.integers(1, 7),
)
def test_however_it_is_cut_and_packed_the_lines_are_the_same(parts: list[bytes], piece: int) -> None:
    content = b"\n".join(parts)
    packed = b"".join(gzip.compress(content[at : at + 11]) for at in range(0, max(len(content), 1), 11))
    bodies = [Body(content), Body(gzip.compress(content), gzipped=True), Body(packed, gzipped=True)]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "PIECE", piece)
        patch.setattr(module, "PACKED_PIECE", piece)
        for body in bodies:
            assert all_lines(body) == (content.removesuffix(b"\n").split(b"\n") if content else [])
    assert len({body.digest for body in bodies}) == 1


@pytest.mark.parametrize("missing", [1, 4, 8, 9, 100])
def test_a_gzip_body_that_ends_too_early_is_told(missing: int) -> None:
    packed = gzip.compress(bytes(range(256)) * 3)[:-missing]
    with pytest.raises(BadLines, match="ends too early"):
        all_lines(Body(packed, gzipped=True))


@pytest.mark.parametrize(
    "packed",
    [b"{}", b"\x1f\x8b\x09" + b"\0" * 20, zlib.compress(b"{}"), gzip.compress(b"{}", mtime=0)[:-8] + b"\0" * 8],
)
def test_what_is_not_gzip_is_told(packed: bytes) -> None:
    with pytest.raises(BadLines, match="not gzip, or it is damaged"):
        all_lines(Body(packed, gzipped=True))


def test_an_empty_gzip_body_ends_too_early_or_has_no_lines() -> None:
    with pytest.raises(BadLines, match="ends too early"):
        all_lines(Body(b"", gzipped=True))
    assert all_lines(Body(gzip.compress(b""), gzipped=True)) == []


def test_a_bomb_is_cut_off_while_it_is_unpacked() -> None:
    packer = zlib.compressobj(9, wbits=zlib.MAX_WBITS | 16)
    bomb = b"".join(packer.compress((b" " * 1023 + b"\n") * 1024) for _ in range(512)) + packer.flush()
    assert len(bomb) < 2 * MEBIBYTE
    tracemalloc.start()
    with pytest.raises(TooLarge, match=f"{MOST_UNPACKED:,} bytes when unpacked"):
        deque(Body(bomb, gzipped=True).lines(), maxlen=0)
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert most < 32 * MEBIBYTE


def test_a_bomb_of_empty_lines_is_cut_off() -> None:
    with pytest.raises(TooLarge, match=f"more than {MOST_LINES:,} lines"):
        all_lines(Body(b"\n" * (MOST_LINES + 1)))


def test_a_bomb_of_empty_members_is_cut_off() -> None:
    with pytest.raises(BadLines, match=f"more than {MOST_MEMBERS:,} members"):
        all_lines(Body(gzip.compress(b"") * (MOST_MEMBERS + 1), gzipped=True))


@pytest.mark.parametrize("before", [0, 5, PIECE - 10, PIECE])
@pytest.mark.parametrize("end", [b"", b"\n"])
def test_a_line_that_never_ends_is_told_by_its_number(before: int, end: bytes) -> None:
    body = b"\n" * before + b"x" * (LONGEST_LINE + 1) + end
    with pytest.raises(BadLines) as refusal:
        all_lines(Body(body))
    assert refusal.value.problems[0].line == before + 1
