"""A small S3 server over a directory, for benchmarks: `<directory>/<bucket>/<key>`.

moto's server spends more CPU on a large object than the measured code does. This server sends files straight
from the disk, so the process under test waits for nothing. It knows what Stage 2 calls: list, get (with
ranges and If-Match), put, multipart uploads and batch deletes. Signatures are not checked; it binds
127.0.0.1.

    python benchmarks/s3_server.py DIRECTORY [SECONDS]      prints its address, serves until it is terminated

With SECONDS it waits this long before each answer, to imitate the latency of S3.
"""

from __future__ import annotations

import re
import shutil
import sys
import time
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit
from xml.etree import ElementTree
from xml.sax.saxutils import escape

PAGE = 1000


class Handler(BaseHTTPRequestHandler):
    """One request of S3's REST interface, path style."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    root: Path
    seconds: float

    def do_GET(self) -> None:
        path, query = self._target()
        if "list-type" in query:
            self._xml(self._listing(path.name, query))
        elif path.is_file():
            self._send_file(path)
        else:
            self._error(404, "NoSuchKey")

    def do_PUT(self) -> None:
        path, query = self._target()
        part = query.get("partNumber")
        if part:
            path = path.with_name(f"{path.name}.part{int(part[0]):05d}")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(self._body())
        self._empty(200, {"ETag": _etag(path)})

    def do_POST(self) -> None:
        path, query = self._target()
        body = self._body()
        if "uploads" in query:
            self._xml("<InitiateMultipartUploadResult><UploadId>1</UploadId></InitiateMultipartUploadResult>")
        elif "delete" in query:
            for element in ElementTree.fromstring(body).iter():  # noqa: S314
                if element.tag.endswith("Key") and element.text:
                    (path / element.text).unlink(missing_ok=True)
            self._xml("<DeleteResult/>")
        else:
            with path.open("wb") as whole:
                for part in sorted(path.parent.glob(f"{path.name}.part*")):
                    with part.open("rb") as file:
                        shutil.copyfileobj(file, whole)
                    part.unlink()
            self._xml("<CompleteMultipartUploadResult/>")

    def do_DELETE(self) -> None:
        path, _ = self._target()
        for part in path.parent.glob(f"{path.name}.part*"):
            part.unlink()
        self._empty(204)

    def log_message(self, *_: object) -> None:
        """Log nothing, because a benchmark makes thousands of requests."""

    def _target(self) -> tuple[Path, dict[str, list[str]]]:
        time.sleep(self.seconds)
        url = urlsplit(self.path)
        return self.root / unquote(url.path).strip("/"), parse_qs(url.query, keep_blank_values=True)

    def _body(self) -> bytes:
        if self.headers.get("Transfer-Encoding") != "chunked":
            return self._decoded(self.rfile.read(int(self.headers.get("Content-Length") or 0)))
        body = bytearray()
        while size := int(self.rfile.readline().split(b";")[0], 16):
            body += self.rfile.read(size)
            self.rfile.readline()
        self.rfile.readline()
        return self._decoded(bytes(body))

    def _decoded(self, body: bytes) -> bytes:
        """The content of a body in AWS's chunked encoding, which has a checksum at its end."""
        if "aws-chunked" not in self.headers.get("Content-Encoding", ""):
            return body
        content, position = bytearray(), 0
        while size := int(body[position : body.index(b"\r\n", position)].split(b";")[0], 16):
            start = body.index(b"\r\n", position) + 2
            content += body[start : start + size]
            position = start + size + 2
        return bytes(content)

    def _listing(self, bucket: str, query: dict[str, list[str]]) -> str:
        prefix = query.get("prefix", [""])[0]
        after = query.get("continuation-token", [""])[0]
        keys = [key for key in self._keys(bucket) if key.startswith(prefix) and key > after]
        page = keys[:PAGE]
        truncated = len(keys) > PAGE
        token = f"<NextContinuationToken>{escape(page[-1])}</NextContinuationToken>" if truncated else ""
        contents = "".join(_listed(key, self.root / bucket / key) for key in page)
        return (
            f"<ListBucketResult><IsTruncated>{str(truncated).lower()}</IsTruncated>{token}{contents}"
            "</ListBucketResult>"
        )

    def _keys(self, bucket: str) -> list[str]:
        base = self.root / bucket
        return sorted(str(path.relative_to(base)) for path in base.rglob("*") if path.is_file())

    def _send_file(self, path: Path) -> None:
        size = path.stat().st_size
        if_match = self.headers.get("If-Match")
        if if_match and if_match != _etag(path):
            self._error(412, "PreconditionFailed")
            return
        wanted = re.fullmatch(r"bytes=(\d+)-", self.headers.get("Range", ""))
        start = int(wanted[1]) if wanted else 0
        self.send_response(206 if wanted else 200)
        self.send_header("Content-Length", str(size - start))
        self.send_header("ETag", _etag(path))
        self.end_headers()
        with path.open("rb") as file:
            self.connection.sendfile(file, start)

    def _xml(self, document: str) -> None:
        body = f'<?xml version="1.0" encoding="UTF-8"?>{document}'.encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/xml")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def _empty(self, status: int, headers: dict[str, str] | None = None) -> None:
        self.send_response(status)
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def _error(self, status: int, code: str) -> None:
        body = f"<Error><Code>{code}</Code><Message>{code}</Message></Error>".encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


def _listed(key: str, path: Path) -> str:
    state = path.stat()
    written = datetime.fromtimestamp(state.st_mtime, UTC).isoformat(timespec="seconds")
    return (
        f"<Contents><Key>{escape(key)}</Key><LastModified>{written}</LastModified>"
        f"<ETag>{escape(_etag(path))}</ETag><Size>{state.st_size}</Size></Contents>"
    )


def _etag(path: Path) -> str:
    state = path.stat()
    return f'"{state.st_mtime_ns:x}-{state.st_size:x}"'


if __name__ == "__main__":
    waits = float(sys.argv[2]) if len(sys.argv) > 2 else 0.0
    served = type("DirectoryHandler", (Handler,), {"root": Path(sys.argv[1]), "seconds": waits})
    with ThreadingHTTPServer(("127.0.0.1", 0), served) as server:
        print(f"http://127.0.0.1:{server.server_port}", flush=True)
        server.serve_forever()
