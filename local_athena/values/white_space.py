"""The sets of characters that Trino treats as white space."""

from __future__ import annotations

#: First and last code points of the ranges that Trino's casts from text trim: Java's String.strip below U+0080.
ASCII_RANGES = ((0x09, 0x0D), (0x1C, 0x20))
ASCII = "".join(chr(code) for first, last in ASCII_RANGES for code in range(first, last + 1))
#: What trim, ltrim and rtrim remove: Java's Character.isWhitespace, which excludes no-break spaces.
JAVA = (
    ASCII
    + "".join(map(chr, (0x1680, *range(0x2000, 0x2007), *range(0x2008, 0x200B))))
    + "\u2028\u2029\u205f\u3000"
)
#: What JSON allows between tokens (RFC 8259).
JSON = " \t\n\r"
