"""Tests a MERGE whose source also reads an object: unless the object names its run, the MERGE fails and writes nothing.

A run that has lost its lease is prevented from writing in this way (`lease_is_held` in macros/).
"""

from __future__ import annotations

import json

import pytest

from tests.local_athena.conftest import House

pytestmark = [pytest.mark.slow, pytest.mark.truth]

FENCED = """
merge into t as target
using (
    select k, n from (select k, n from s)
    where (
        select 1 / count(*) from lease_object
        where json_extract_scalar(try(json_parse(content)), '$.holder.id') = 'mine'
    ) = 1
) as src
on target.k = src.k
when matched and src.n is null then delete
when matched then update set n = src.n
when not matched then insert (k, n) values (src.k, src.n)
"""
BEFORE = [("1", "10"), ("2", "20")]


def holder(name: str | None) -> bytes:
    return json.dumps({"holder": {"id": name, "since": "now"} if name else None, "serial": 7}).encode()


def test_a_merge_writes_only_while_the_object_names_its_run(house: House) -> None:
    house.run(
        "create external table lease_object (`content` string) row format delimited fields terminated by '\\n' "
        f"null defined as '\\n' stored as textfile location 's3://{house.bucket}/lease/'"
    )
    house.iceberg("t", "select k, k * 10 as n from (values 1, 2) as v (k)")
    house.iceberg("s", "select * from (values (1, 11), (2, null), (3, 30)) as v (k, n)")
    # Nobody has held the lease yet, another run holds it, it was released, or the object is not a lease.
    assert "Division by zero" in house.fails(FENCED)
    for content in (holder("other"), holder(None), b"", b"{", b"[]", b"null", b'{"holder": "mine"}'):
        house.put("lease/lease.json", content)
        assert "Division by zero" in house.fails(FENCED), content
        assert house.rows("select k, n from t order by k") == BEFORE
    house.put("lease/lease.json", holder("mine"))
    house.run(FENCED)
    assert house.rows("select k, n from t order by k") == [("1", "11"), ("3", "30")]
