"""runner.lambdas.events against AWS's documented samples (bucket and key replaced by ours where a test needs it)."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any
from urllib.parse import quote_plus

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runner.lake import prefix
from runner.lambdas.events import BronzeChange, InvalidEvent, bronze_changes, sqs_changes

SAMPLES = Path(__file__).parent / "events"
BUCKET = "amzn-s3-demo-bucket"
KEY = f"{prefix('bronze')}/2025-08-10/part one+two.jsonl"
CHANGE = BronzeChange(date(2025, 8, 10), KEY)


def sample(name: str) -> dict[str, Any]:
    return json.loads((SAMPLES / f"{name}.json").read_text("utf-8"))


def s3_notification(*keys: str, name: str = "ObjectCreated:Put", bucket: str = BUCKET) -> dict[str, Any]:
    """AWS's sample, one record a key, the keys encoded as S3 does."""
    records = []
    for key in keys:
        record = sample("s3_notification")["Records"][0]
        record["eventName"] = name
        record["s3"]["bucket"]["name"] = bucket
        record["s3"]["object"]["key"] = quote_plus(key, safe="/")
        records.append(record)
    return {"Records": records}


def eventbridge(key: str = KEY, sample_name: str = "eventbridge_object_created") -> dict[str, Any]:
    """AWS's sample; EventBridge does not encode keys."""
    event = sample(sample_name)
    event["detail"]["bucket"]["name"] = BUCKET
    event["detail"]["object"]["key"] = key
    return event


@pytest.mark.parametrize(
    "name",
    [
        "ObjectCreated:Put",
        "ObjectCreated:Copy",
        "ObjectCreated:CompleteMultipartUpload",
        "ObjectRemoved:Delete",
        "ObjectRemoved:DeleteMarkerCreated",
        "LifecycleExpiration:Delete",
    ],
)
def test_an_s3_notification_is_read_with_its_keys_decoded(name: str) -> None:
    event = s3_notification(KEY, name=name)
    assert "part+one%2Btwo" in event["Records"][0]["s3"]["object"]["key"]
    assert bronze_changes(event, BUCKET) == [CHANGE]


@pytest.mark.parametrize("name", ["eventbridge_object_created", "eventbridge_object_deleted"])
def test_an_eventbridge_event_is_read_with_its_key_as_it_stands(name: str) -> None:
    assert bronze_changes(eventbridge(sample_name=name), BUCKET) == [CHANGE]


@pytest.mark.parametrize("event", [s3_notification(KEY), eventbridge()], ids=["s3", "eventbridge"])
def test_either_is_read_inside_an_sqs_message(event: dict[str, Any]) -> None:
    assert sqs_changes(json.dumps(event), BUCKET) == [CHANGE]


def test_the_state_machines_input_is_read_with_and_without_keys() -> None:
    event = {"snapshot_date": "2025-08-10", "bucket": BUCKET}
    assert bronze_changes(event, BUCKET) == [BronzeChange(date(2025, 8, 10), None)]
    assert bronze_changes({**event, "keys": [KEY]}, BUCKET) == [CHANGE]


@pytest.mark.parametrize(
    "text", ["2025-02-30", "20250810", "2025-W32-7", "2025-08-10'; drop table x --", None, 7]
)
def test_an_input_without_a_real_date_is_refused(text: object) -> None:
    with pytest.raises(InvalidEvent, match="snapshot_date"):
        bronze_changes({"snapshot_date": text, "bucket": BUCKET}, BUCKET)


def test_an_input_for_another_bucket_is_refused() -> None:
    with pytest.raises(InvalidEvent, match="other-bucket"):
        bronze_changes({"snapshot_date": "2025-08-10", "bucket": "other-bucket"}, BUCKET)


BRONZE = prefix("bronze")
IGNORED = [
    (s3_notification("HappyFace.jpg"), "not a file in a date's bronze folder"),
    (s3_notification(f"{BRONZE}/2025-08-10/"), "not a file in a date's bronze folder"),
    (s3_notification(f"{BRONZE}/2025-08-10/deep/a.jsonl"), "not a file in a date's bronze folder"),
    (s3_notification(f"{BRONZE}/2025-02-30/a.jsonl"), "not a file in a date's bronze folder"),
    (s3_notification(f"x{BRONZE}/2025-08-10/a.jsonl"), "not a file in a date's bronze folder"),
    (s3_notification(f"{BRONZE}/2025-08-10/_a.jsonl"), "hidden"),
    (s3_notification(f"{BRONZE}/2025-08-10/.a.jsonl"), "hidden"),
    (s3_notification(f"{BRONZE}/2025-08-10/a.csv"), "does not end in .jsonl or .jsonl.gz"),
    (s3_notification(KEY, name="ObjectTagging:Put"), "ObjectTagging:Put"),
    (s3_notification(KEY, bucket="other-bucket"), "other-bucket"),
    (eventbridge() | {"source": "aws.ec2"}, "aws.ec2"),
    (eventbridge() | {"detail-type": "Object Tags Added"}, "Object Tags Added"),
    (eventbridge() | {"detail": {}}, "names no bucket"),
    ({"Records": [None, 1, "x"]}, "eventName"),
    ({"Records": []}, "no record"),
    (sample("s3_test_event"), "neither Object Created nor Object Deleted"),
    ({}, "neither Object Created nor Object Deleted"),
]


@pytest.mark.parametrize(("event", "reason"), IGNORED)
def test_the_rest_is_ignored_and_the_log_says_why(
    event: dict[str, Any], reason: str, log: pytest.LogCaptureFixture
) -> None:
    assert sqs_changes(json.dumps(event), BUCKET) == []
    assert reason in log.text


@pytest.mark.parametrize("body", ["", "not json", "[]", "null", '"text"', "{"])
def test_a_message_that_is_no_event_is_ignored(body: str, log: pytest.LogCaptureFixture) -> None:
    assert sqs_changes(body, BUCKET) == []
    assert "event ignored" in log.text


def test_one_bad_record_does_not_hide_its_neighbours() -> None:
    event = s3_notification("HappyFace.jpg", KEY)
    assert bronze_changes(event, BUCKET) == [CHANGE]


@given(name=st.text(st.characters(exclude_categories=["Cs"], exclude_characters="/"), min_size=1))
def test_every_name_survives_the_encoding(name: str) -> None:
    key = f"{BRONZE}/2025-08-10/x{name}.jsonl"
    assert bronze_changes(s3_notification(key), BUCKET) == [BronzeChange(date(2025, 8, 10), key)]


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["Records", "s3", "bucket", "object", "name", "key", "eventName", "source"]),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


@given(json_values)
def test_no_json_breaks_the_parser(value: object) -> None:
    assert sqs_changes(json.dumps(value), BUCKET) == []


def _nested(depth: int) -> list[Any]:
    value: list[Any] = []
    for _ in range(depth):
        value = [value]
    return value


@pytest.mark.parametrize(
    ("value", "quoted"),
    [
        pytest.param("x" * 198, f"'{'x' * 198}':", id="what is short is quoted whole"),
        pytest.param("x" * 199, f"'{'x' * 199}...:", id="of what is long, the beginning"),
        pytest.param(_nested(100_000), "nested too deeply:", id="what cannot be written is described"),
    ],
)
def test_an_error_quotes_what_it_was_given(value: object, quoted: str) -> None:
    with pytest.raises(InvalidEvent) as refused:
        bronze_changes({"snapshot_date": value, "bucket": BUCKET}, BUCKET)

    assert f"the input's snapshot_date is {quoted} it takes a real date" in str(refused.value)
