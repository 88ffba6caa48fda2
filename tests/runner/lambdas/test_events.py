"""Tests runner.lambdas.events with AWS's documented samples, in which a test may replace the bucket and the key."""

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
    """AWS's sample with one record per key; the keys are encoded as S3 does."""
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


def test_an_input_with_many_dates_is_read_in_their_order_and_each_date_once() -> None:
    days = ["2025-08-11", "2025-08-10", "2025-08-11"]

    assert bronze_changes({"snapshot_date": "x", "snapshot_dates": days}, BUCKET) == [
        BronzeChange(date(2025, 8, 10), None),
        BronzeChange(date(2025, 8, 11), None),
    ]
    year = [f"2025-{month:02}-{day:02}" for month in range(1, 4) for day in range(1, 29)]
    most = [*year, *(f"2025-04-{day:02}" for day in range(1, 7))]
    assert len(bronze_changes({"snapshot_dates": most}, BUCKET)) == 90
    with pytest.raises(InvalidEvent) as refused:
        bronze_changes({"snapshot_dates": [*most, "2025-04-07"]}, BUCKET)
    assert str(refused.value) == (
        "the input has 91 snapshot dates: it takes 90 at most; "
        "`medlaunch transform --from … --to …` builds more"
    )


@pytest.mark.parametrize(
    ("event", "message"),
    [
        (
            {"snapshot_dates": "2025-08-10"},
            "the input's snapshot_dates are '2025-08-10': they take a list of dates",
        ),
        ({"snapshot_dates": []}, "the input's snapshot_dates are []: they take a list of dates"),
        (
            {"snapshot_dates": ["2025-08-10", "x"]},
            "the input's snapshot_dates is 'x': it takes a real date written YYYY-MM-DD",
        ),
        ({"snapshot_date": 7}, "the input's snapshot_date is 7: it takes a real date written YYYY-MM-DD"),
        (
            {"snapshot_date": "2025-08-10", "bucket": "other"},
            "the input's bucket is 'other', but this lake's is 'amzn-s3-demo-bucket'",
        ),
        (
            {"snapshot_date": "2025-08-10", "keys": 7},
            "the input's keys are 7: they take a list of texts",
        ),
        (
            {"snapshot_date": "2025-08-10", "keys": ["a", 7]},
            "a key of the input is 7: it takes a text in UTF-8",
        ),
        (
            {"snapshot_date": "2025-08-10", "keys": ["\ud800"]},
            r"a key of the input is '\ud800': it takes a text in UTF-8",
        ),
    ],
)
def test_an_input_that_makes_no_sense_is_refused_with_what_it_takes(
    event: dict[str, Any], message: str
) -> None:
    with pytest.raises(InvalidEvent) as refused:
        bronze_changes(event, BUCKET)

    assert str(refused.value) == message


def test_an_input_without_a_bucket_is_of_this_one() -> None:
    assert bronze_changes({"snapshot_date": "2025-08-10"}, BUCKET) == [BronzeChange(date(2025, 8, 10), None)]


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


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ("", "is not JSON: ''"),
        ("not json", "is not JSON: 'not json'"),
        ("{", "is not JSON: '{'"),
        ("[]", "is not a JSON object: '[]'"),
        ("null", "is not a JSON object: 'null'"),
        ('"text"', "is not a JSON object: '\"text\"'"),
    ],
)
def test_a_message_that_is_no_event_is_ignored_and_quoted(
    body: str, reason: str, log: pytest.LogCaptureFixture
) -> None:
    assert sqs_changes(body, BUCKET) == []
    assert f"event ignored: the message's body {reason}" in log.messages


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
