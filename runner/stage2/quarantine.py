"""The quarantine: one object per input file with rejects. It gives the reason for each line not used."""

from __future__ import annotations

import base64
import codecs
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

import msgspec

from runner import lake
from runner.aws.deleting import delete_objects
from runner.bronze import RecordFile
from runner.errors import MedLaunchError
from runner.stage2.judge import Reject
from runner.stage2.lines import LINE_ENDS
from runner.stage2.listing import listed_objects
from runner.stage2.long_lines import is_utf8
from runner.stage2.objects import ObjectWriter

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

#: A raw line up to this many bytes is repeated with its second and later rejects. A longer line is not: a 32
#: MB line of bad dates, repeated for each date, would be larger than an S3 object can be.
_MAX_REPEATED_BYTES = 1024 * 1024
#: Bytes of a raw line that are encoded at a time. A multiple of 3, so that base64 pieces can be joined.
_WINDOW = 3 * 128 * 1024

_encoded = msgspec.json.encode

#: An object's ETag and the time of its write.
_Version = tuple[str, datetime]


class QuarantineNotCleared(MedLaunchError):
    """Quarantine objects of an earlier run could not be deleted."""


class RejectsWriter:
    """Writes the rejects of one file as NDJSON, and counts them.

    Attributes:
        count: rejects written.
        by_code: rejects written with each code.
        size: bytes written.
    """

    def __init__(self, file: RecordFile, writer: ObjectWriter) -> None:
        self.count = 0
        self.size = 0
        self.by_code: Counter[str] = Counter()
        self._writer = writer
        date = file.bronze.snapshot_date
        self._start = b'{"file_key":%b,"line_number":' % _encoded(file.key)
        self._middle = b',"snapshot_date":%b,"reject_reason":' % _encoded(date)
        self._line_number: int | None = None
        self._repeated_bytes = 0

    def add(self, reject: Reject) -> None:
        """Write one reject."""
        self.count += 1
        for code in reject.codes:
            self.by_code[code] += 1
        # The text is joined from parts for speed, because a file may have hundreds of thousands of rejects.
        number = b"null" if reject.number is None else b"%d" % reject.number
        entry = b"%b%b%b%b" % (self._start, number, self._middle, _encoded(";".join(reject.codes)))
        if reject.detail:
            entry += b',"detail":' + _encoded(reject.detail)
        line = reject.line
        if line is None or not self._holds_line(reject.number, len(line)):
            self._write(entry + b"}\n")
        elif len(line) <= _WINDOW:
            self._write(entry + _short_raw_line(line) + b"}\n")
        else:
            self._write(entry)
            for piece in _raw_line(line):
                self._write(piece)
            self._write(b"}\n")

    def _write(self, data: bytes) -> None:
        self.size += self._writer.write(data)

    def _holds_line(self, number: int | None, length: int) -> bool:
        """Whether this reject keeps the raw line. The first reject of a line always keeps it."""
        if number != self._line_number:
            self._line_number = number
            self._repeated_bytes = 0
            return True
        self._repeated_bytes += length
        return self._repeated_bytes <= _MAX_REPEATED_BYTES


def _short_raw_line(line: bytes | bytearray) -> bytes:
    line = line.rstrip(LINE_ENDS)
    try:
        return b',"raw_line":' + _encoded(line.decode("utf-8"))
    except UnicodeDecodeError:
        return b',"raw_line_base64":' + _encoded(base64.b64encode(line).decode("ascii"))


def _raw_line(line: bytes | bytearray) -> Iterator[bytes]:
    """The member of a reject that holds the raw line, a window at a time."""
    if isinstance(line, bytes):
        line = line.rstrip(LINE_ENDS)
    windows = (memoryview(line)[start : start + _WINDOW] for start in range(0, len(line), _WINDOW))
    if is_utf8(line):
        yield b',"raw_line":"'
        decode = codecs.getincrementaldecoder("utf-8")().decode
        for window in windows:
            yield _encoded(decode(window))[1:-1]
    else:
        yield b',"raw_line_base64":"'
        for window in windows:
            yield base64.b64encode(window)
    yield b'"'


@dataclass(slots=True)
class Quarantine:
    """The quarantine objects below a prefix, before and after a run.

    Attributes:
        folder: the date folder with a slash at its end; empty for all.
        written: keys of the objects that this run has written.
    """

    s3: S3Client
    bucket: str
    folder: str
    written: set[str] = field(default_factory=set[str])
    _earlier: dict[str, _Version] = field(default_factory=dict[str, _Version])

    def look(self) -> None:
        """Note which objects exist before the run."""
        self._earlier = self._versions()

    def clear(self) -> None:
        """Delete the older objects that this run did not write.

        An object that another run has written meanwhile is kept, because it may be about a file that this run
        has not seen.

        Raises:
            QuarantineNotCleared: S3 refused.
        """
        stale = [
            key
            for key, version in self._versions().items()
            if key not in self.written and self._earlier.get(key) == version
        ]
        delete_objects(self.s3, self.bucket, stale, QuarantineNotCleared)

    def _versions(self) -> dict[str, _Version]:
        listed = listed_objects(self.s3, self.bucket, f"{lake.prefix('quarantine')}/{self.folder}")
        return {entry["Key"]: (entry["ETag"], entry["LastModified"]) for entry in listed}
