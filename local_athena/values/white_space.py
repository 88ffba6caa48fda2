"""The sets of white space that Trino knows."""

from __future__ import annotations

#: Code points, first and last, that Trino's casts of text trim: Java's String.strip has these below U+0080.
ASCII_RANGES = ((0x09, 0x0D), (0x1C, 0x20))
ASCII = "".join(chr(code) for first, last in ASCII_RANGES for code in range(first, last + 1))
#: What trim, ltrim and rtrim take off: Java's Character.isWhitespace, to which no-break spaces do not belong.
JAVA = (
    ASCII
    + "".join(map(chr, (0x1680, *range(0x2000, 0x2007), *range(0x2008, 0x200B))))
    + "\u2028\u2029\u205f\u3000"
)
#: What JSON allows between its tokens (RFC 8259).
JSON = " \t\n\r"
