"""Keeps named queries, prepared statements, data catalogs and tags in memory.

In each class, a method that takes a `request` answers one API action (see `Saved.actions`). It takes the members
of the request, returns the members of the response, and raises ApiError if Athena rejects the request.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Callable
from typing import Any

from local_athena.api.requests import invalid, page
from local_athena.api.work_groups import ENGINE_VERSION, WorkGroups
from local_athena.errors import ApiError

DEFAULT_CATALOG = "AwsDataCatalog"
#: The account number that AWS emulators such as moto use.
ACCOUNT_ID = "123456789012"


class NamedQueries:
    """Saved queries by id."""

    def __init__(self, work_groups: WorkGroups) -> None:
        self._work_groups = work_groups
        self._queries: dict[str, dict[str, Any]] = {}

    def _find(self, query_id: str) -> dict[str, Any]:
        if query_id not in self._queries:
            raise invalid(f"NamedQuery {query_id} was not found")
        return self._queries[query_id]

    def create(self, request: dict[str, Any]) -> dict[str, Any]:
        group = request.get("WorkGroup", "primary")
        self._work_groups.find(group)
        members = ("Name", "Description", "Database", "QueryString")
        made = {key: request[key] for key in members if key in request}
        query_id = str(uuid.uuid4())
        self._queries[query_id] = {**made, "WorkGroup": group, "NamedQueryId": query_id}
        return {"NamedQueryId": query_id}

    def get(self, request: dict[str, Any]) -> dict[str, Any]:
        return {"NamedQuery": self._find(request["NamedQueryId"])}

    def get_many(self, request: dict[str, Any]) -> dict[str, Any]:
        ids = request["NamedQueryIds"]
        missing = [
            {
                "NamedQueryId": one,
                "ErrorCode": "INVALID_INPUT",
                "ErrorMessage": f"NamedQuery {one} was not found",
            }
            for one in ids
            if one not in self._queries
        ]
        found = [self._queries[one] for one in ids if one in self._queries]
        return {"NamedQueries": found, "UnprocessedNamedQueryIds": missing}

    def update(self, request: dict[str, Any]) -> dict[str, Any]:
        members = ("Name", "Description", "QueryString")
        self._find(request["NamedQueryId"]).update({key: request[key] for key in members if key in request})
        return {}

    def delete(self, request: dict[str, Any]) -> dict[str, Any]:
        self._find(request["NamedQueryId"])
        del self._queries[request["NamedQueryId"]]
        return {}

    def list(self, request: dict[str, Any]) -> dict[str, Any]:
        group = request.get("WorkGroup", "primary")
        ids = [one for one, query in self._queries.items() if query["WorkGroup"] == group]
        found, token = page(ids, request)
        return {"NamedQueryIds": found, **token}


class PreparedStatements:
    """Prepared statements by workgroup and name."""

    def __init__(self, work_groups: WorkGroups) -> None:
        self._work_groups = work_groups
        self._statements: dict[tuple[str, str], dict[str, Any]] = {}

    def find(self, work_group: str, name: str) -> dict[str, Any]:
        """The members of a prepared statement.

        Raises:
            ApiError: the name is unknown (ResourceNotFoundException).
        """
        saved = self._statements.get((work_group, name))
        if saved is None:
            raise ApiError(
                "ResourceNotFoundException", f"PreparedStatement {name} was not found.", ResourceName=name
            )
        return saved

    def put(self, work_group: str, name: str, sql: str, description: str = "") -> None:
        """Keep a statement. It replaces a statement of the same name."""
        self._statements[work_group, name] = {
            "StatementName": name,
            "QueryStatement": sql,
            "WorkGroupName": work_group,
            "Description": description,
            "LastModifiedTime": dt.datetime.now(dt.UTC).timestamp(),
        }

    def remove(self, work_group: str, name: str) -> None:
        """Forget a statement.

        Raises:
            ApiError: the name is unknown.
        """
        self.find(work_group, name)
        del self._statements[work_group, name]

    def create(self, request: dict[str, Any]) -> dict[str, Any]:
        group, name = request["WorkGroup"], request["StatementName"]
        self._work_groups.find(group)
        if (group, name) in self._statements:
            raise invalid(f"PreparedStatement {name} already exists in WorkGroup {group}")
        self.put(group, name, request["QueryStatement"], request.get("Description", ""))
        return {}

    def update(self, request: dict[str, Any]) -> dict[str, Any]:
        group, name = request["WorkGroup"], request["StatementName"]
        old = self.find(group, name)
        self.put(group, name, request["QueryStatement"], request.get("Description", old["Description"]))
        return {}

    def get(self, request: dict[str, Any]) -> dict[str, Any]:
        return {"PreparedStatement": self.find(request["WorkGroup"], request["StatementName"])}

    def get_many(self, request: dict[str, Any]) -> dict[str, Any]:
        group = request["WorkGroup"]
        names = request["PreparedStatementNames"]
        missing = [
            {"StatementName": name, "ErrorCode": "INVALID_INPUT", "ErrorMessage": f"{name} was not found"}
            for name in names
            if (group, name) not in self._statements
        ]
        found = [self._statements[group, name] for name in names if (group, name) in self._statements]
        return {"PreparedStatements": found, "UnprocessedPreparedStatementNames": missing}

    def delete(self, request: dict[str, Any]) -> dict[str, Any]:
        self.remove(request["WorkGroup"], request["StatementName"])
        return {}

    def list(self, request: dict[str, Any]) -> dict[str, Any]:
        group = request["WorkGroup"]
        self._work_groups.find(group)
        named = [
            {"StatementName": name, "LastModifiedTime": one["LastModifiedTime"]}
            for (owner, name), one in sorted(self._statements.items())
            if owner == group
        ]
        found, token = page(named, request)
        return {"PreparedStatements": found, **token}


class DataCatalogs:
    """Registered catalogs. Only AwsDataCatalog can be queried."""

    def __init__(self, account_id: str) -> None:
        glue = {"Name": DEFAULT_CATALOG, "Type": "GLUE", "Parameters": {"catalog-id": account_id}}
        self._catalogs: dict[str, dict[str, Any]] = {DEFAULT_CATALOG.lower(): glue}

    def find(self, name: str) -> dict[str, Any]:
        """The members of a catalog. Upper and lower case are the same in its name.

        Raises:
            ApiError: the name is unknown.
        """
        saved = self._catalogs.get(name.lower())
        if saved is None:
            raise invalid(f"DataCatalog {name} was not found")
        return saved

    def create(self, request: dict[str, Any]) -> dict[str, Any]:
        name = request["Name"]
        if name.lower() in self._catalogs:
            raise invalid(f"DataCatalog {name} has already been created")
        made = {key: request[key] for key in ("Name", "Type", "Description", "Parameters") if key in request}
        self._catalogs[name.lower()] = made
        return {"DataCatalog": {**made, "Status": "CREATE_COMPLETE"}}

    def update(self, request: dict[str, Any]) -> dict[str, Any]:
        found = self.find(request["Name"])
        found.update({key: request[key] for key in ("Type", "Description", "Parameters") if key in request})
        return {}

    def delete(self, request: dict[str, Any]) -> dict[str, Any]:
        if request["Name"].lower() == DEFAULT_CATALOG.lower():
            raise invalid(f"{DEFAULT_CATALOG} cannot be deleted")
        found = self.find(request["Name"])
        del self._catalogs[request["Name"].lower()]
        return {"DataCatalog": found}

    def get(self, request: dict[str, Any]) -> dict[str, Any]:
        return {"DataCatalog": self.find(request["Name"])}

    def list(self, request: dict[str, Any]) -> dict[str, Any]:
        found, token = page(list(self._catalogs.values()), request)
        shown = [{"CatalogName": one["Name"], "Type": one["Type"]} for one in found]
        return {"DataCatalogsSummary": shown, **token}


class Tags:
    """Tags by the ARN of the tagged resource. Nothing checks that the resource exists."""

    def __init__(self) -> None:
        self._tags: dict[str, dict[str, str]] = {}

    def add(self, arn: str, tags: list[dict[str, str]]) -> None:
        """Add tags to a resource. A new value replaces the old value of the same key."""
        self._tags.setdefault(arn, {}).update({tag["Key"]: tag.get("Value", "") for tag in tags})

    def tag(self, request: dict[str, Any]) -> dict[str, Any]:
        self.add(request["ResourceARN"], request["Tags"])
        return {}

    def untag(self, request: dict[str, Any]) -> dict[str, Any]:
        kept = self._tags.get(request["ResourceARN"], {})
        for key in request["TagKeys"]:
            kept.pop(key, None)
        return {}

    def list(self, request: dict[str, Any]) -> dict[str, Any]:
        tags = self._tags.get(request["ResourceARN"], {})
        found, token = page([{"Key": key, "Value": value} for key, value in tags.items()], request, 75)
        return {"Tags": found, **token}


class Saved:
    """Holds workgroups, named queries, prepared statements, data catalogs and tags.

    Attributes:
        actions: the function that answers each API action, by the action's name.
    """

    def __init__(self, region: str, account_id: str = ACCOUNT_ID) -> None:
        self.work_groups = WorkGroups()
        self.named_queries = NamedQueries(self.work_groups)
        self.prepared = PreparedStatements(self.work_groups)
        self.catalogs = DataCatalogs(account_id)
        self.tags = Tags()
        self._arn = f"arn:aws:athena:{region}:{account_id}"
        self.actions: dict[str, Callable[[dict[str, Any]], dict[str, Any]]] = {
            "CreateWorkGroup": self._tagged("workgroup", self.work_groups.create),
            "UpdateWorkGroup": self.work_groups.update,
            "DeleteWorkGroup": self.work_groups.delete,
            "GetWorkGroup": self.work_groups.get,
            "ListWorkGroups": self.work_groups.list,
            "CreateNamedQuery": self.named_queries.create,
            "GetNamedQuery": self.named_queries.get,
            "BatchGetNamedQuery": self.named_queries.get_many,
            "UpdateNamedQuery": self.named_queries.update,
            "DeleteNamedQuery": self.named_queries.delete,
            "ListNamedQueries": self.named_queries.list,
            "CreatePreparedStatement": self.prepared.create,
            "UpdatePreparedStatement": self.prepared.update,
            "GetPreparedStatement": self.prepared.get,
            "BatchGetPreparedStatement": self.prepared.get_many,
            "DeletePreparedStatement": self.prepared.delete,
            "ListPreparedStatements": self.prepared.list,
            "CreateDataCatalog": self._tagged("datacatalog", self.catalogs.create),
            "UpdateDataCatalog": self.catalogs.update,
            "DeleteDataCatalog": self.catalogs.delete,
            "GetDataCatalog": self.catalogs.get,
            "ListDataCatalogs": self.catalogs.list,
            "TagResource": self.tags.tag,
            "UntagResource": self.tags.untag,
            "ListTagsForResource": self.tags.list,
            "ListEngineVersions": lambda _: {"EngineVersions": [dict(ENGINE_VERSION)]},
        }

    def _tagged(
        self, resource: str, create: Callable[[dict[str, Any]], dict[str, Any]]
    ) -> Callable[[dict[str, Any]], dict[str, Any]]:
        def create_with_tags(request: dict[str, Any]) -> dict[str, Any]:
            answer = create(request)
            self.tags.add(f"{self._arn}:{resource}/{request['Name']}", request.get("Tags") or [])
            return answer

        return create_with_tags
