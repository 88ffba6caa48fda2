"""Generates odd lines, the same for the same seed, on which all engines must give the same verdict.

There are three kinds: damaged lines of the shared cases (`mutants`), records with arbitrary fields and values
(`grammar`), and records at the limits where Stage 2's quick way hands over to the rules (`seams`).
"""

from __future__ import annotations

import base64
import json
import random
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any

from runner.rules import WHITE_SPACE

CASES: list[dict[str, Any]] = [
    json.loads(line)
    for line in Path(__file__).with_name("reject_cases.jsonl").read_text("ascii").splitlines()
]


def raw_line(case: dict[str, Any]) -> bytes:
    """The raw line of a case."""
    return case["line"].encode() if "line" in case else base64.b64decode(case["line_base64"])


def odd_lines(count: int, seed: int) -> list[bytes]:
    """A number of distinct lines of all kinds, sorted by their bytes."""
    lines = set[bytes]()
    kinds = [kind(random.Random(f"{seed} {kind.__name__}")) for kind in (mutants, grammar, seams)]
    while len(lines) < count:
        for kind in kinds:
            lines |= {line for line in islice(kind, 100) if line.strip(WHITE_SPACE.encode())}
    return sorted(random.Random(seed).sample(sorted(lines), count))


_TOKENS = [
    *(b'"', b"\\", b"{", b"}", b"[", b"]", b",", b":", b" ", b"\t", b"\x00", b"\x1f", b"\x7f", b"\xff"),
    *(b"\xc3\xa9", b"\xed\xa0\x80", b"\\u0041", b"\\ud83d", b"\\ude00", b"\\", b"null", b"true", b"1e2"),
    *(b"-", b"0", b"9" * 18, b"9" * 200, b".5", b"E+100", b"e-7", b'"FAC"', b'"2025-08-10"', b"[[]]"),
    *(b"\xef\xbb\xbf", b"\xe2\x80\xa8", b"-0", b"1e-100", b"=", b"\\t"),
]


def mutants(dice: random.Random) -> Iterator[bytes]:
    """Lines of the cases with bytes changed, removed, repeated or swapped, and tokens inserted."""
    sources = [line for line in map(raw_line, CASES) if len(line) < 1000]
    while True:
        line = bytearray(dice.choice(sources))
        for _ in range(dice.randint(1, 4)):
            at, end = sorted((dice.randint(0, len(line)), dice.randint(0, len(line))))
            match dice.randrange(5):
                case 0:
                    line[at:at] = dice.choice(_TOKENS)
                case 1:
                    line[at : at + 1] = dice.choice(_TOKENS)
                case 2:
                    del line[at : min(end, at + 12)]
                case 3:
                    line[at:at] = line[at : min(end, at + 30)]
                case _:
                    line[at:] = dice.choice(sources)[at:]
        yield bytes(line).translate(None, b"\r\n")


_TEXTS = [
    *(
        "",
        " ",
        "\t",
        "\r\n",
        "A",
        "City Hospital",
        "=1+1",
        "+1",
        "-1",
        "@x",
        "'x",
        'say "A, B"',
        "two\nlines",
    ),
    *(
        "é",
        "—",
        "漢字",
        "😀",
        "\U0010fe80",
        "\U0010fe90\U0010feff",
        "\x00",
        "\u2028",
        "\ufeff",
        "\\",
        "/",
        "true",
        "null",
        "NaN",
    ),
    *("FAC1", "FAC", "FA", "FAD", "fac1", "FAC\x00", "FAC😀", "TX", "tx", "77001", "e111", "[" * 70),
]
_DATES = [
    *("2025-08-14", "2025-08-13", "2025-09-01", "2026-02-10", "2026-02-11", "2024-02-29", "2025-02-29"),
    *(
        "2025-13-01",
        "20250901",
        "2025-9-1",
        "2025-09-01 ",
        "0000-01-01",
        "0001-01-01",
        "9999-12-31",
        "2025-W36-1",
    ),
    *("\uff12\uff10\uff12\uff15-09-01", "2025-09-01T00:00:00", ""),
]
_NUMBERS = [
    *(
        "0",
        "-0",
        "1",
        "-1",
        "12",
        "1.0",
        "7.50",
        "0.1",
        "1e2",
        "1E+2",
        "1e-2",
        "-0.0",
        "0e0",
        "1e99",
        "1e-99",
    ),
    *(
        "1e-100",
        "1e100",
        "123456.789",
        "1234567.5",
        "12345678.5",
        "0.001",
        "0.0001",
        "1e22",
        "1e23",
        "9" * 18,
    ),
    *(
        "9" * 19,
        "1" + "0" * 18,
        "-" + "9" * 18,
        "1" * 199,
        "1" * 200,
        "0." + "1" * 199,
        "1" * 150 + "." + "1" * 150,
    ),
    *(
        "5e-324",
        "2.2250738585072014E-308",
        "4.35",
        "100",
        "1e7",
        "9999999.0",
        "123e-20",
        "00",
        "1.",
        ".5",
        "+1",
    ),
]


class _Literal(str):
    """JSON text that is inserted unchanged."""

    __slots__ = ()


def _written(value: Any, dice: random.Random) -> str:
    """A value as JSON, with some characters of texts as escapes, and spaces between some tokens."""
    blank = dice.choice(["", "", "", " ", "\t", "  "])
    match value:
        case _Literal():
            return value
        case list():
            return "[" + f",{blank}".join(_written(each, dice) for each in value) + "]"
        case _Pairs():
            members = (f"{_written(name, dice)}:{blank}{_written(each, dice)}" for name, each in value.pairs)
            return "{" + f",{blank}".join(members) + "}"
        case str() if dice.random() < 0.1:
            return '"' + "".join(f"\\u{unit:04x}" for unit in _utf16(value)) + '"'
        case _:
            return json.dumps(value, ensure_ascii=dice.random() < 0.3)


def _utf16(text: str) -> Iterator[int]:
    data = text.encode("utf-16-be")
    return (int.from_bytes(data[at : at + 2], "big") for at in range(0, len(data), 2))


class _Pairs:
    """The members of an object, in which names may be repeated."""

    def __init__(self, pairs: list[tuple[str, Any]]) -> None:
        self.pairs = pairs


def _any_value(dice: random.Random, levels: int = 3) -> Any:
    match dice.randrange(8 if levels else 6):
        case 0:
            return None
        case 1:
            return dice.random() < 0.5
        case 2:
            return _Literal(dice.choice(_NUMBERS))
        case 3 | 4:
            return dice.choice(_TEXTS)
        case 5:
            return dice.choice(_DATES)
        case 6:
            return [_any_value(dice, levels - 1) for _ in range(dice.randrange(4))]
        case _:
            names = ["a", "b", "é", "state", "valid_until", "facility_id", "zip"]
            return _Pairs(
                [(dice.choice(names), _any_value(dice, levels - 1)) for _ in range(dice.randrange(4))]
            )


def _mostly(usual: Any, dice: random.Random, odd: float = 0.06) -> Any:
    return _any_value(dice) if dice.random() < odd else usual


def _members(dice: random.Random, *members: tuple[str, Callable[[], Any]]) -> _Pairs:
    """An object with most of the members, in any order; some may be repeated, renamed or added."""
    pairs = [(name, _mostly(make(), dice)) for name, make in members if dice.random() > 0.04]
    if dice.random() < 0.05 and pairs:
        name, _ = dice.choice(pairs)
        pairs.append((name, _any_value(dice)))
    if dice.random() < 0.1:
        pairs.append((dice.choice(["extra", "Facility_id", "facility_id ", "é", ""]), _any_value(dice)))
    if dice.random() < 0.1:
        dice.shuffle(pairs)
    return _Pairs(pairs)


def _record(dice: random.Random) -> _Pairs:
    def text() -> Any:
        return dice.choice(_TEXTS)

    def accreditation() -> Any:
        return _members(
            dice,
            ("accreditation_body", text),
            ("accreditation_id", text),
            ("valid_until", lambda: dice.choice(_DATES)),
        )

    def location() -> Any:
        return _members(
            dice,
            ("address", text),
            ("city", text),
            ("state", lambda: dice.choice(["TX", "NY", "PR", "XX"])),
            ("zip", lambda: dice.choice(["77001", _Literal(dice.choice(_NUMBERS))])),
        )

    return _members(
        dice,
        ("facility_id", lambda: f"FAC{dice.randrange(50)}"),
        ("facility_name", lambda: dice.choice(["City Hospital", text()])),
        ("location", location),
        ("employee_count", lambda: _Literal(dice.choice(["0", "7", "250", "-0", dice.choice(_NUMBERS)]))),
        ("services", lambda: [text() for _ in range(dice.randrange(3))]),
        ("labs", lambda: [_members(dice, ("lab_name", text), ("certifications", lambda: [text()]))]),
        ("accreditations", lambda: [_mostly(accreditation(), dice) for _ in range(dice.randrange(4))]),
        ("snapshot_date", lambda: "2025-08-10"),
    )


def grammar(dice: random.Random) -> Iterator[bytes]:
    """Records with fields and values of any kind."""
    while True:
        yield _written(_record(dice), dice).encode("utf-8", "surrogatepass")


def seams(dice: random.Random) -> Iterator[bytes]:
    """Records in which one value is at a limit."""
    good = (
        '{"facility_id":%s,"facility_name":%s,"location":{"state":"TX","zip":%s},"employee_count":%s,"services":[],'
        '"accreditations":[{"accreditation_id":%s,"valid_until":%s}]%s}'
    )
    usual = ['"FAC1"', '"A"', '"77001"', "1", '"x"', '"2025-09-01"', ""]
    makers: list[tuple[int, Callable[[], str]]] = [
        (0, lambda: _written("FAC" + dice.choice(_TEXTS), dice)),
        (1, lambda: _written(dice.choice(_TEXTS) + dice.choice(_TEXTS), dice)),
        (2, lambda: dice.choice(_NUMBERS)),
        (3, lambda: dice.choice(_NUMBERS)),
        (4, lambda: _written(_any_value(dice), dice)),
        (5, lambda: _written(dice.choice(_DATES), dice)),
        (6, lambda: f',"x":{"[" * (depth := dice.randint(60, 66))}{"]" * depth}'),
        (6, lambda: f',"x":"{"[{" * dice.randint(30, 35)}"'),
        (6, lambda: f',"x":[{dice.choice(_NUMBERS)},{{"a":{dice.choice(_NUMBERS)}}}]'),
        (6, lambda: f',"x":"{dice.choice(["1", "a"]) * dice.randint(196, 202)}e{dice.randint(98, 102)}"'),
        (6, lambda: f',"x":{"1" * dice.randint(198, 201)}'),
        (6, lambda: f',"x":1{dice.choice("eE")}{dice.choice(["", "+", "-"])}{dice.randint(98, 102)}'),
        (6, lambda: f',"x":{"[]," * dice.randint(60, 70)}0'.replace(":", ":[", 1) + "]"),
        (6, lambda: f',"{dice.choice(_TEXTS[:4])}":{_written(_any_value(dice), dice)}'),
    ]
    while True:
        values = list(usual)
        for place, make in dice.sample(makers, dice.randint(1, 2)):
            values[place] = make()
        yield (good % tuple(values)).encode("utf-8", "surrogatepass").translate(None, b"\r\n")
