"""Tests that gzip data is read as Java's GZIPInputStream reads it, whatever the sizes of the reads."""

from __future__ import annotations

import gzip
import random
import struct
import zlib
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st
from isal import isal_zlib

from runner.stage2.gzip_members import INFLATE_SIZE, CorruptGzip, inflate

TEXT, CHECKSUM, EXTRA, NAME, COMMENT = 1, 2, 4, 8, 16
SIZES = (1, 2, 3, 7, 1000)


def member(content: bytes, flags: int = 0, *, method: int = 8, right_checksum: bool = True) -> bytes:
    """A gzip member with the optional fields that its flags announce."""
    header = b"\x1f\x8b" + bytes([method, flags]) + b"\0\0\0\0\0\xff"
    if flags & EXTRA:
        header += b"\x05\0extra"
    if flags & NAME:
        header += b"name\0"
    if flags & COMMENT:
        header += b"comment\0"
    if flags & CHECKSUM:
        header += struct.pack("<H", zlib.crc32(header) & 0xFFFF ^ (not right_checksum))
    deflate = zlib.compressobj(wbits=-15)
    body = deflate.compress(content) + deflate.flush()
    return header + body + struct.pack("<II", zlib.crc32(content), len(content))


def inflated(data: bytes, size: int) -> bytes:
    return b"".join(inflate([data[start : start + size] for start in range(0, len(data), size)]))


A, B = member(b"a\n"), member(b"b\n")


@pytest.mark.parametrize(
    ("data", "content"),
    [
        pytest.param(A + B, b"a\nb\n", id="two members"),
        pytest.param(A + member(b"") + B, b"a\nb\n", id="an empty member between"),
        pytest.param(A + b"garbage" * 9, b"a\n", id="text after a member"),
        pytest.param(A + b"\0" * 512, b"a\n", id="zero bytes after a member"),
        pytest.param(A + b"\0" + B, b"a\n", id="a zero byte between members"),
        pytest.param(A + b"\x1f" + B, b"a\n", id="half a magic number between members"),
        pytest.param(A + B[:5], b"a\n", id="half a header after a member"),
        pytest.param(A + member(b"x", method=7) + B, b"a\n", id="another method after a member"),
        pytest.param(
            A + member(b"x", CHECKSUM, right_checksum=False), b"a\n", id="a wrong header after a member"
        ),
        pytest.param(A + b"\x1f\x8b\x08" + b"g" * 200, b"a\n", id="a header without an end after a member"),
        pytest.param(member(b"r\n", 0xE0), b"r\n", id="reserved flags"),
        pytest.param(A + member(b"r\n", 0x20) + B, b"a\nr\nb\n", id="reserved flags of a later member"),
        pytest.param(b"", b"", id="nothing"),
    ],
)
def test_the_data_ends_where_no_sound_header_follows(data: bytes, content: bytes) -> None:
    assert {inflated(data, size) for size in SIZES} == {content}


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(b"\0" + A, id="a zero byte before the first member"),
        pytest.param(member(b"x", method=7), id="another method"),
        pytest.param(member(b"x", CHECKSUM, right_checksum=False), id="a wrong header"),
        pytest.param(A[:5], id="half a header"),
        pytest.param(member(b"x", NAME)[:12], id="half a name"),
        pytest.param(A[:-3], id="half a trailer"),
        pytest.param(A + B[:-3], id="half a trailer of a later member"),
        pytest.param(A + B[:12], id="a later member without its end"),
        pytest.param(A + B[:-8] + b"\1" * 8, id="a wrong checksum of a later member"),
        pytest.param(A[:-4] + b"\1\1\1\1", id="a wrong length"),
    ],
)
def test_a_damaged_member_is_an_error(data: bytes) -> None:
    for size in SIZES:
        with pytest.raises(CorruptGzip):
            inflated(data, size)


@pytest.mark.parametrize(
    "flags", [sum(each) for each in product((0, CHECKSUM), (0, EXTRA), (0, NAME), (0, COMMENT))]
)
def test_a_header_of_any_fields_is_read_wherever_a_read_ends(flags: int) -> None:
    # isal itself fails to read such headers, for example with an extra field and a name that is cut at byte 18.
    data = member(b"content\n", flags) * 2
    for end in range(len(data)):
        assert b"".join(inflate([data[:end], data[end:]])) == b"content\n" * 2


@pytest.mark.parametrize(
    ("data", "end"),
    [
        pytest.param("1f8b080c0000000000ff 0100 78 6e00", 12, id="extra field and name"),
        pytest.param("1f8b08180000000000ff 6e00 6300", 11, id="name and comment"),
        pytest.param("1f8b08020000000000ff 90c9", 10, id="checksum of the header"),
    ],
)
def test_isal_takes_a_sound_member_for_a_damaged_one_when_its_header_comes_in_two_pieces(
    data: str, end: int
) -> None:
    """The smallest examples, for a bug report. When isal reads them correctly, it can read the headers."""
    header = bytes.fromhex(data)
    deflated = bytes.fromhex("ab0000")  # one block with fixed codes for the letter x
    whole = header + deflated + struct.pack("<II", zlib.crc32(b"x"), 1)
    for read_whole in (zlib, isal_zlib):
        assert read_whole.decompressobj(31).decompress(whole) == b"x"
    by_zlib, by_isal = zlib.decompressobj(31), isal_zlib.decompressobj(31)
    assert by_zlib.decompress(whole[:end]) + by_zlib.decompress(whole[end:]) == b"x"
    with pytest.raises(isal_zlib.error):
        by_isal.decompress(whole[:end]) + by_isal.decompress(whole[end:])


def test_a_name_of_any_length_is_not_held() -> None:
    piece = b"n" * 100_000
    data = b"\x1f\x8b\x08\x08\0\0\0\0\0\xff"
    pieces = (data, *[piece] * 100, b"\0" + A[10:])
    assert b"".join(inflate(pieces)) == b"a\n"


@given(st.lists(st.binary(max_size=50), max_size=4), st.integers(1, 20))
def test_all_members_of_a_gzip_file_are_read(members: list[bytes], size: int) -> None:
    assert inflated(b"".join(map(gzip.compress, members)), size) == b"".join(members)


def test_pieces_of_inflated_data_are_bounded() -> None:
    sizes = [len(piece) for piece in inflate([gzip.compress(b"\0" * 20_000_000)])]
    assert sum(sizes) == 20_000_000
    assert max(sizes) <= INFLATE_SIZE


@pytest.mark.parametrize("length", [INFLATE_SIZE - 1, INFLATE_SIZE, INFLATE_SIZE + 1, 2 * INFLATE_SIZE])
def test_content_around_the_size_of_a_piece_is_whole(length: int) -> None:
    for content in (b"\0" * length, random.Random(length).randbytes(length)):
        assert inflated(gzip.compress(content), 1000) == content
