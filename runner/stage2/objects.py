"""Writes an S3 object as a stream. The object appears completely or not at all."""

from __future__ import annotations

from concurrent.futures import Executor, Future, ThreadPoolExecutor, wait
from types import TracebackType
from typing import TYPE_CHECKING, Any, cast

from botocore.exceptions import BotoCoreError, ClientError

from runner.aws.errors import is_conflict
from runner.errors import MedLaunchError
from runner.telemetry import logger

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_s3.type_defs import UploadPartOutputTypeDef

#: The size in bytes of one part of a multipart upload. S3 accepts parts of 5 MiB and more, and at most 10,000
#: parts, which makes 52 GB.
PART_SIZE = 5 * 1024 * 1024
_MAX_PARTS = 10_000
#: The size in bytes of the largest object that is uploaded in the background. It limits the memory.
_MAX_SIZE_IN_BACKGROUND = 512 * 1024


class OutputNotWritten(MedLaunchError):
    """S3 refused an object. The object that was there before is unchanged."""


class ObjectTakenOver(OutputNotWritten):
    """Another run has written the object meanwhile."""


class ObjectWriter:
    """A binary stream into one S3 object.

    Up to `PART_SIZE` bytes are uploaded as one put. More bytes are uploaded in parts: one part is sent while
    the next one is written. The object appears when the `with` block ends. If the block ends with an
    exception, the upload is aborted and the key stays as it was. With `skip_empty` the key also stays as it
    was when nothing has been written.

    With `background` the end of the `with` block does not wait for a small object. `published` tells whether
    the object has appeared.

    With `replaces` the object appears only if the existing object still has that ETag; "" means that no
    object exists.

    Raises:
        ObjectTakenOver: the existing object is not the one that `replaces` names.
        OutputNotWritten: S3 refused. `write` raises it, perhaps one part late, or the end of the `with`
            block, or `published`.
    """

    def __init__(
        self,
        s3: S3Client,
        bucket: str,
        key: str,
        *,
        content_type: str = "application/octet-stream",
        skip_empty: bool = False,
        background: Executor | None = None,
        replaces: str | None = None,
    ) -> None:
        self.uri = f"s3://{bucket}/{key}"
        self._s3 = s3
        self._bucket = bucket
        self._key = key
        self._content_type = content_type
        self._skip_empty = skip_empty
        self._background = background
        self._condition: Any = {}
        if replaces is not None:
            self._condition = {"IfMatch": replaces} if replaces else {"IfNoneMatch": "*"}
        self.published: Future[None] = Future()
        self._buffer = bytearray()
        self._upload_id = ""
        self._sender = ThreadPoolExecutor(max_workers=1)
        self._on_its_way: Future[UploadPartOutputTypeDef] | None = None
        self._parts: list[Future[UploadPartOutputTypeDef]] = []

    def __enter__(self) -> ObjectWriter:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error is not None:
            with self._sender:
                self.abort()
        elif self._background and not self._parts and len(self._buffer) <= _MAX_SIZE_IN_BACKGROUND:
            self.published = self._background.submit(self._finish)
        else:
            self._finish()
            self.published.set_result(None)

    def write(self, data: bytes) -> int:
        """Add the bytes, and send each full part."""
        for start in range(0, len(data), PART_SIZE):
            self._buffer += memoryview(data)[start : start + PART_SIZE]
            if len(self._buffer) >= PART_SIZE:
                self._send_part()
        return len(data)

    def abort(self) -> None:
        """Abort the upload, so that S3 deletes its parts.

        A lifecycle rule of the bucket deletes any parts that are left.
        """
        self._buffer.clear()
        if not self._upload_id:
            return
        if self._on_its_way:
            wait([self._on_its_way])  # S3 keeps a part that arrives after the abort
        try:
            self._s3.abort_multipart_upload(Bucket=self._bucket, Key=self._key, UploadId=self._upload_id)
        except (BotoCoreError, ClientError) as error:
            logger.warning("an upload was not aborted", extra={"object": self.uri, "cause": str(error)})
        self._upload_id = ""

    def _send_part(self) -> None:
        number = len(self._parts) + 1
        if number > _MAX_PARTS:
            raise OutputNotWritten(
                f"{self.uri} would be larger than S3 takes in {_MAX_PARTS} parts: narrow the run"
            )
        try:
            if self._on_its_way:
                self._on_its_way.result()
            if not self._upload_id:
                self._upload_id = self._s3.create_multipart_upload(
                    Bucket=self._bucket, Key=self._key, ContentType=self._content_type
                )["UploadId"]
        except (BotoCoreError, ClientError) as error:
            raise self._failure(error) from error
        self._on_its_way = self._sender.submit(
            self._s3.upload_part,
            Bucket=self._bucket,
            Key=self._key,
            UploadId=self._upload_id,
            PartNumber=number,
            Body=cast("bytes", self._buffer),  # bytes would be copied; the types omit bytearray
        )
        self._parts.append(self._on_its_way)
        self._buffer = bytearray()

    def _finish(self) -> None:
        with self._sender:
            try:
                self._publish()
            except BaseException:
                self.abort()
                raise

    def _publish(self) -> None:
        if not self._parts:
            if self._buffer or not self._skip_empty:
                self._put()
            return
        if self._buffer:
            self._send_part()
        try:
            self._s3.complete_multipart_upload(
                Bucket=self._bucket,
                Key=self._key,
                UploadId=self._upload_id,
                MultipartUpload={
                    "Parts": [
                        {"PartNumber": number, "ETag": part.result()["ETag"]}
                        for number, part in enumerate(self._parts, 1)
                    ]
                },
                **self._condition,
            )
        except (BotoCoreError, ClientError) as error:
            raise self._failure(error) from error
        self._upload_id = ""

    def _put(self) -> None:
        try:
            self._s3.put_object(
                Bucket=self._bucket,
                Key=self._key,
                Body=bytes(self._buffer),
                ContentType=self._content_type,
                **self._condition,
            )
        except (BotoCoreError, ClientError) as error:
            raise self._failure(error) from error

    def _failure(self, error: Exception) -> OutputNotWritten:
        if self._condition and isinstance(error, ClientError) and is_conflict(error):
            return ObjectTakenOver(f"{self.uri} was written by another run meanwhile: run again")
        return OutputNotWritten(
            f"{self.uri} could not be written: {error}; check the bucket and the caller's rights"
        )
