"""Hive's statements on the catalog: CREATE, ALTER, DROP, SHOW, DESCRIBE, MSCK."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import Any

from pyiceberg.types import NestedField
from sqlglot import exp

from local_athena.errors import QueryFailed, Refused
from local_athena.sql.parsing import parse
from local_athena.sql.statements import Outcome, Statement
from local_athena.tables.catalog import Catalog, Table
from local_athena.tables.iceberg import IcebergTables
from local_athena.tables.s3 import ObjectStore, split_uri
from local_athena.values import types
from local_athena.values.columns import Column

_TEXT_INPUT = "org.apache.hadoop.mapred.TextInputFormat"
_TEXT_OUTPUT = "org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat"
_LAZY_SERDE = "org.apache.hadoop.hive.serde2.lazy.LazySimpleSerDe"
#: Input format, output format and SerDe of each STORED AS.
_STORED_AS = {
    "TEXTFILE": (_TEXT_INPUT, _TEXT_OUTPUT, _LAZY_SERDE),
    "PARQUET": (
        "org.apache.hadoop.hive.ql.io.parquet.MapredParquetInputFormat",
        "org.apache.hadoop.hive.ql.io.parquet.MapredParquetOutputFormat",
        "org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe",
    ),
}
#: A table's name, quoted or not; ` in database`.
_TABLE = r"(?:[`\"]?(?P<database>[\w-]+)[`\"]?\s*\.\s*)?[`\"]?(?P<table>[\w-]+)[`\"]?"
_IN_DATABASE = r"(?:\s+in\s+[`\"]?(?P<database>[\w-]+)[`\"]?)?"


class HiveDdl:
    """Runs Hive's statements."""

    def __init__(self, catalog: Catalog, store: ObjectStore, iceberg_tables: IcebergTables) -> None:
        self._catalog = catalog
        self._store = store
        self._iceberg = iceberg_tables

    def run(self, statement: Statement) -> Outcome:
        """Run one statement.

        Raises:
            QueryFailed: it failed.
            Refused: it is not supported.
        """
        show = re.match(r"(show|msck|describe|desc|alter)\b", statement.sql, re.IGNORECASE)
        if show:
            for pattern, substatement, method in self._PATTERNS:
                match = re.fullmatch(pattern, statement.sql, re.IGNORECASE | re.DOTALL)
                if match:
                    lines = method(self, match, statement)
                    kind = "DDL" if substatement.startswith(("ALTER", "MSCK")) else "UTILITY"
                    return Outcome(kind, substatement, lines=list(lines))
        tree = parse(statement.sql)
        handlers: dict[type[exp.Expr], Callable[[Any, Statement], Outcome]] = {
            exp.Create: self._create,
            exp.Drop: self._drop,
            exp.Alter: self._alter,
        }
        handler = handlers.get(type(tree))
        if handler is None:
            raise Refused(f"the statement {statement.sql[:80]}")
        return handler(tree, statement)

    # --- CREATE and DROP ---

    def _create(self, tree: exp.Create, statement: Statement) -> Outcome:
        if (tree.args.get("kind") or "").upper() in ("SCHEMA", "DATABASE"):
            return self._create_database(tree)
        return self._create_table(tree, statement)

    def _create_database(self, tree: exp.Create) -> Outcome:
        name = _database_name(tree)
        if self._catalog.has_database(name):
            if not tree.args.get("exists"):
                raise _hive_error(f"AlreadyExistsException(message:Database {name} already exists)")
            return Outcome("DDL", "CREATE_DATABASE")
        comment = location = ""
        for item in _property_nodes(tree):
            if isinstance(item, exp.SchemaCommentProperty):
                comment = item.this.name
            elif isinstance(item, exp.LocationProperty):
                location = item.this.name
            else:
                raise Refused(f"the clause {item.sql('hive')} of CREATE DATABASE")
        self._catalog.create_database(name, comment, location)
        return Outcome("DDL", "CREATE_DATABASE")

    def _create_table(self, tree: exp.Create, statement: Statement) -> Outcome:
        if not isinstance(tree.this, exp.Schema) or not isinstance(tree.this.this, exp.Table):
            raise Refused(f"the statement {statement.sql[:80]}")
        database, name = self._table_name(tree.this.this, statement)
        if not self._catalog.has_database(database):
            raise _hive_error(f"Database does not exist: {database}", code="SemanticException [Error 10072]")
        if self._catalog.find_table(database, name) is not None:
            if tree.args.get("exists"):
                return Outcome("DDL", "CREATE_TABLE")
            raise _hive_error(f"AlreadyExistsException(message:Table {name} already exists)")
        columns = [_column(node) for node in tree.this.expressions]
        description = _TableClauses(tree)
        if description.parameters.get("table_type", "").lower() == "iceberg":
            self._create_iceberg(database, name, columns, description)
        elif not description.is_external:
            raise QueryFailed(
                "", "FAILED: SemanticException CREATE TABLE is only supported for Iceberg; use EXTERNAL"
            )
        else:
            self._catalog.create_table(database, description.table_input(name, columns))
        return Outcome("DDL", "CREATE_TABLE")

    def _create_iceberg(
        self, database: str, name: str, columns: list[Column], description: _TableClauses
    ) -> None:
        iceberg_columns = [
            Column(
                c.name,
                types.Type(c.type.base, (6,)) if c.type.base.startswith("timestamp") else c.type,
                c.comment,
            )
            for c in columns
        ]
        properties = {key: value for key, value in description.parameters.items() if key != "table_type"}
        self._iceberg.create(
            database, name, iceberg_columns, description.partitioning, description.location, properties, None
        )

    def _drop(self, tree: exp.Drop, statement: Statement) -> Outcome:
        kind = (tree.args.get("kind") or "").upper()
        if kind in ("SCHEMA", "DATABASE"):
            return self._drop_database(tree)
        if kind not in ("TABLE", "VIEW"):
            raise Refused(f"the statement {statement.sql[:80]}")
        node = _dropped(tree)
        database, name = self._table_name(node, statement)
        table = self._catalog.find_table(database, name)
        if table is None:
            if not tree.args.get("exists"):
                raise _hive_error(f"Table not found {name}", code="SemanticException [Error 10001]")
        elif table.is_view != (kind == "VIEW"):
            raise _hive_error(
                f"Cannot drop a {'view with DROP TABLE' if table.is_view else 'base table with DROP VIEW'}"
            )
        elif table.is_iceberg:
            self._iceberg.drop(table)
        else:
            self._catalog.drop_table(database, name)
        return Outcome("DDL", f"DROP_{kind}")

    def _drop_database(self, tree: exp.Drop) -> Outcome:
        name = _database_name(tree)
        if not self._catalog.has_database(name):
            if not tree.args.get("exists"):
                raise _hive_error(f"Database does not exist: {name}", code="SemanticException [Error 10072]")
            return Outcome("DDL", "DROP_DATABASE")
        if not tree.args.get("cascade") and self._catalog.tables(name):
            raise _hive_error(
                f"InvalidOperationException(message:Database {name} is not empty. One or more tables exist.)"
            )
        self._catalog.drop_database(name)
        return Outcome("DDL", "DROP_DATABASE")

    # --- ALTER ---

    def _alter(self, tree: exp.Alter, statement: Statement) -> Outcome:
        database, name = self._table_name(tree.this, statement)
        table = self._table(database, name)
        actions = tree.args["actions"]
        first = actions[0]
        if isinstance(first, exp.AlterRename):
            self._rename(table, first, statement)
            return Outcome("DDL", "ALTER_TABLE_RENAME")
        if isinstance(first, exp.AlterSet):
            self._set_properties(table, first)
            return Outcome("DDL", "ALTER_TABLE_SET_TBLPROPERTIES")
        if isinstance(first, (exp.Schema, exp.ColumnDef)):
            added = [
                _column(n)
                for action in actions
                for n in (action.expressions if isinstance(action, exp.Schema) else [action])
            ]
            self._add_columns(table, added)
            return Outcome("DDL", "ALTER_TABLE_ADD_COLUMN")
        if isinstance(first, exp.ReplaceColumns):
            self._replace_columns(table, [_column(node) for node in first.expressions])
            return Outcome("DDL", "ALTER_TABLE_REPLACE_COLUMN")
        if isinstance(first, exp.Drop) and (first.args.get("kind") or "").upper() == "COLUMN":
            column = first.this or first.args["tables"][0]
            self._drop_column(table, column.name.lower())
            return Outcome("DDL", "ALTER_TABLE_DROP_COLUMN")
        if isinstance(first, exp.AlterColumn) and first.args.get("rename_to") is not None:
            self._change_column(table, first)
            return Outcome("DDL", "ALTER_TABLE_CHANGE_COLUMN")
        raise Refused(f"the statement {statement.sql[:80]}")

    def _rename(self, table: Table, action: exp.AlterRename, statement: Statement) -> None:
        database, name = self._table_name(action.this, statement)
        if table.is_iceberg:
            self._iceberg.rename((table.database, table.name), (database, name))
            return
        if self._catalog.find_table(database, name) is not None:
            raise _hive_error(f"new table {database}.{name} already exists")
        partitions = {
            tuple(item["Values"]): item["StorageDescriptor"]["Location"]
            for item in (self._catalog.partitions(table) if table.partition_keys else ())
        }
        self._catalog.create_table(database, {**table.table_input(), "Name": name})
        if partitions:
            self._catalog.add_partitions(self._table(database, name), partitions)
        self._catalog.drop_table(table.database, table.name)

    def _set_properties(self, table: Table, action: exp.AlterSet) -> None:
        given = _property_pairs(node for item in action.expressions for node in _leaves(item))
        if table.is_iceberg:
            with self._iceberg.changing(table) as loaded, loaded.transaction() as transaction:
                transaction.set_properties(given)
            return
        wanted = table.table_input()
        wanted["Parameters"] = {**table.parameters, **given}
        self._catalog.update_table(table.database, wanted)

    def _add_columns(self, table: Table, columns: list[Column]) -> None:
        known = {
            c.name
            for c in (self._iceberg.columns(self._iceberg.load(table)) if table.is_iceberg else table.columns)
        }
        for column in columns:
            if column.name in known:
                raise _hive_error(
                    f"Duplicate column name: {column.name}", code="SemanticException [Error 10036]"
                )
        if not table.is_iceberg:
            self._store_columns(table, [*table.storage["Columns"], *map(_glue_column, columns)])
            return
        with self._iceberg.changing(table) as loaded, loaded.update_schema() as update:
            for column in columns:
                kind = (
                    types.Type(column.type.base, (6,))
                    if column.type.base.startswith("timestamp")
                    else column.type
                )
                update.add_column(
                    column.name, types.to_iceberg(kind, iter(range(10_000, 20_000))), column.comment or None
                )

    def _replace_columns(self, table: Table, columns: list[Column]) -> None:
        if table.is_iceberg:
            raise Refused("ALTER TABLE REPLACE COLUMNS of an Iceberg table")
        self._store_columns(table, [_glue_column(column) for column in columns])

    def _store_columns(self, table: Table, described: list[Any]) -> None:
        wanted = table.table_input()
        wanted["StorageDescriptor"] = {**table.storage, "Columns": described}
        self._catalog.update_table(table.database, wanted)

    def _drop_column(self, table: Table, name: str) -> None:
        if not table.is_iceberg:
            raise _hive_error("ALTER TABLE DROP COLUMN is only supported for Iceberg tables")
        with self._iceberg.changing(table) as loaded, loaded.update_schema() as update:
            update.delete_column(name)

    def _change_column(self, table: Table, action: exp.AlterColumn) -> None:
        if not table.is_iceberg:
            raise Refused("ALTER TABLE CHANGE COLUMN of a Hive table")
        old, new = action.this.name.lower(), action.args["rename_to"].name.lower()
        kind = types.from_sql(action.args["dtype"])
        if kind.base.startswith("timestamp"):
            kind = types.Type(kind.base, (6,))
        wanted = types.to_iceberg(kind, iter(range(10_000, 20_000)))
        with self._iceberg.changing(table) as loaded, loaded.update_schema() as update:
            field: NestedField = loaded.schema().find_field(old)
            if field.field_type != wanted:
                update.update_column(old, field_type=wanted)  # type: ignore[arg-type]
            if old != new:
                update.rename_column(old, new)

    # --- what is read by pattern: sqlglot keeps these as text ---

    def _add_partitions(self, match: re.Match[str], statement: Statement) -> Iterable[str]:
        table = self._table(*self._named(match, statement))
        wanted = {}
        for values, location in re.findall(
            r"partition\s*\((.*?)\)(?:\s+location\s+'([^']*)')?", match["rest"], re.IGNORECASE | re.DOTALL
        ):
            given = _partition_values(values, table)
            folder = "/".join(f"{k}={v}" for k, v in zip(table.partition_keys, given, strict=True))
            wanted[given] = location or f"{table.location.rstrip('/')}/{folder}/"
        self._catalog.add_partitions(table, wanted)
        return []

    def _drop_partitions(self, match: re.Match[str], statement: Statement) -> Iterable[str]:
        table = self._table(*self._named(match, statement))
        known = {tuple(item["Values"]) for item in self._catalog.partitions(table)}
        for values in re.findall(r"partition\s*\((.*?)\)", match["rest"], re.IGNORECASE | re.DOTALL):
            given = _partition_values(values, table)
            if given in known:
                self._catalog.drop_partition(table, given)
            elif not match["exists"]:
                raise _hive_error(f"Partition not found {values}", code="SemanticException [Error 10006]")
        return []

    def _repair(self, match: re.Match[str], statement: Statement) -> Iterable[str]:
        """Register the folders `key=value` that lie under the table's location."""
        table = self._table(*self._named(match, statement))
        bucket, prefix = split_uri(table.location.rstrip("/") + "/")
        known = {tuple(item["Values"]) for item in self._catalog.partitions(table)}
        pattern = re.compile(
            re.escape(prefix) + "/".join(rf"{re.escape(key)}=([^/]+)" for key in table.partition_keys) + "/",
            re.IGNORECASE,
        )
        found: dict[tuple[str, ...], str] = {}
        for item in self._store.list(bucket, prefix):
            folder = pattern.match(item.key)
            if folder and folder.groups() not in known:
                found[folder.groups()] = f"s3://{bucket}/{folder[0]}"
        self._catalog.add_partitions(table, found)
        return [f"Repair: Added partition to metastore {table.name}:{'/'.join(values)}" for values in found]

    def _show_databases(self, match: re.Match[str], statement: Statement) -> Iterable[str]:  # noqa: ARG002
        return sorted(item["Name"] for item in self._catalog.databases())

    def _show_tables(self, match: re.Match[str], statement: Statement) -> Iterable[str]:
        database = match["database"] or statement.database
        pattern = re.compile((match["like"] or "*").replace("*", ".*"))
        return sorted(t.name for t in self._catalog.tables(database) if pattern.fullmatch(t.name))

    def _show_views(self, match: re.Match[str], statement: Statement) -> Iterable[str]:
        database = match["database"] or statement.database
        return sorted(t.name for t in self._catalog.tables(database) if t.is_view)

    def _show_columns(self, match: re.Match[str], statement: Statement) -> Iterable[str]:
        database = match["in_database"] or match["database"] or statement.database
        return [c.name.ljust(20) for c in self._columns(self._table(database, match["table"]))]

    def _show_partitions(self, match: re.Match[str], statement: Statement) -> Iterable[str]:
        table = self._table(*self._named(match, statement))
        return [
            "/".join(
                f"{key}={value}" for key, value in zip(table.partition_keys, item["Values"], strict=True)
            )
            for item in self._catalog.partitions(table)
        ]

    def _show_properties(self, match: re.Match[str], statement: Statement) -> Iterable[str]:
        table = self._table(*self._named(match, statement))
        return [f"{key}\t{value}" for key, value in sorted(table.parameters.items())]

    def _describe(self, match: re.Match[str], statement: Statement) -> Iterable[str]:
        table = self._table(*self._named(match, statement))
        columns = self._columns(table)
        lines = [_described(column) for column in columns]
        if table.partition_keys:
            keys = [column for column in columns if column.name in table.partition_keys]
            lines += [
                "\t \t ",
                "# Partition Information\t \t ",
                "# col_name            \tdata_type           \tcomment             ",
                "\t \t ",
            ]
            lines += map(_described, keys)
        return lines

    def _columns(self, table: Table) -> list[Column]:
        if table.is_iceberg:
            return list(self._iceberg.columns(self._iceberg.load(table)))
        if table.is_view:
            return [Column(c["Name"], types.from_hive(c["Type"])) for c in table.storage.get("Columns", [])]
        return list(table.columns)

    def _named(self, match: re.Match[str], statement: Statement) -> tuple[str, str]:
        return match["database"] or statement.database, match["table"]

    def _table_name(self, node: exp.Expr, statement: Statement) -> tuple[str, str]:
        return (node.text("db") or statement.database).lower(), node.name.lower()

    def _table(self, database: str, name: str) -> Table:
        table = self._catalog.find_table(database.lower(), name.lower())
        if table is None:
            raise _hive_error(f"Table not found {name}", code="SemanticException [Error 10001]")
        return table

    #: Statements that sqlglot keeps as text: pattern, substatement type, method.
    _PATTERNS = (
        (
            rf"alter\s+table\s+{_TABLE}\s+add\s+(?:if\s+not\s+exists\s+)?(?P<rest>partition\b.*)",
            "ALTER_TABLE_ADD_PARTITION",
            _add_partitions,
        ),
        (
            rf"alter\s+table\s+{_TABLE}\s+drop\s+(?P<exists>if\s+exists\s+)?(?P<rest>partition\b.*)",
            "ALTER_TABLE_DROP_PARTITION",
            _drop_partitions,
        ),
        (rf"msck\s+repair\s+table\s+{_TABLE}", "MSCK_REPAIR_TABLE", _repair),
        (r"show\s+(?:databases|schemas)", "SHOW_DATABASES", _show_databases),
        (rf"show\s+tables{_IN_DATABASE}(?:\s+'(?P<like>[^']*)')?", "SHOW_TABLES", _show_tables),
        (rf"show\s+views{_IN_DATABASE}", "SHOW_VIEWS", _show_views),
        (
            rf"show\s+columns\s+(?:in|from)\s+{_TABLE}(?:\s+(?:in|from)\s+[`\"]?(?P<in_database>[\w-]+)[`\"]?)?",
            "SHOW_COLUMNS",
            _show_columns,
        ),
        (rf"show\s+partitions\s+{_TABLE}", "SHOW_PARTITIONS", _show_partitions),
        (rf"show\s+tblproperties\s+{_TABLE}", "SHOW_TBLPROPERTIES", _show_properties),
        (rf"(?:describe|desc)\s+{_TABLE}", "DESCRIBE_TABLE", _describe),
    )


class _TableClauses:
    """The clauses of CREATE EXTERNAL TABLE behind its columns."""

    def __init__(self, tree: exp.Create) -> None:
        self.is_external = False
        self.location = ""
        self.comment = ""
        self.partition_columns: list[Column] = []
        self.partitioning: list[str] = []
        self.parameters: dict[str, str] = {}
        self._serde_parameters: dict[str, str] = {}
        self._formats = _STORED_AS["TEXTFILE"]
        self._serde = ""
        for item in _property_nodes(tree):
            self._read(item)

    def _read(self, item: exp.Expr) -> None:
        if isinstance(item, exp.ExternalProperty):
            self.is_external = True
        elif isinstance(item, exp.LocationProperty):
            self.location = item.this.name
        elif isinstance(item, exp.SchemaCommentProperty):
            self.comment = item.this.name
        elif isinstance(item, exp.PartitionedByProperty):
            self._read_partitions(item.this)
        elif isinstance(item, exp.RowFormatDelimitedProperty):
            self._read_delimiters(item)
        elif isinstance(item, exp.RowFormatSerdeProperty):
            self._serde = item.this.name
            properties = item.args.get("serde_properties")
            self._serde_parameters |= _property_pairs(
                properties.expressions if properties is not None else []
            )
        elif isinstance(item, exp.SerdeProperties):
            self._serde_parameters |= _property_pairs(item.expressions)
        elif isinstance(item, exp.FileFormatProperty):
            self._read_format(item.this)
        elif type(item) is exp.Property:
            self.parameters |= _property_pairs([item])
        else:
            raise Refused(f"the clause {item.sql('hive')} of CREATE TABLE")

    def _read_partitions(self, node: exp.Expr) -> None:
        for part in node.expressions:
            if isinstance(part, exp.ColumnDef) and part.kind is not None:
                self.partition_columns.append(_column(part))
            self.partitioning.append(_partitioning_text(part))

    def _read_delimiters(self, item: exp.RowFormatDelimitedProperty) -> None:
        names = {"fields": "field.delim", "escaped": "escape.delim", "null": "serialization.null.format"}
        for clause, node in item.args.items():
            if node is None:
                continue
            if clause == "lines" and node.name == "\n":
                self._serde_parameters["line.delim"] = "\n"
            elif clause in names:
                self._serde_parameters[names[clause]] = node.name
            else:
                raise Refused(f"the clause {item.sql('hive')} of CREATE TABLE")
        if "field.delim" in self._serde_parameters:
            self._serde_parameters.setdefault("serialization.format", self._serde_parameters["field.delim"])

    def _read_format(self, node: exp.Expr) -> None:
        if isinstance(node, exp.InputOutputFormat):
            self._formats = (
                node.args["input_format"].name,
                node.args["output_format"].name,
                self._formats[2],
            )
        elif node.name.upper() in _STORED_AS:
            self._formats = _STORED_AS[node.name.upper()]
        else:
            raise Refused(f"STORED AS {node.name}")

    def table_input(self, name: str, columns: list[Column]) -> dict[str, Any]:
        """The table in Glue's shape."""
        if not self.location:
            raise QueryFailed(
                "", "FAILED: SemanticException No location specified: CREATE EXTERNAL TABLE needs LOCATION"
            )
        input_format, output_format, serde = self._formats
        return {
            "Name": name,
            "TableType": "EXTERNAL_TABLE",
            "Parameters": {
                "EXTERNAL": "TRUE",
                **({"comment": self.comment} if self.comment else {}),
                **self.parameters,
            },
            "PartitionKeys": list(map(_glue_column, self.partition_columns)),
            "StorageDescriptor": {
                "Columns": list(map(_glue_column, columns)),
                "Location": self.location,
                "InputFormat": input_format,
                "OutputFormat": output_format,
                "SerdeInfo": {
                    "SerializationLibrary": self._serde or serde,
                    "Parameters": self._serde_parameters or {"serialization.format": "1"},
                },
            },
        }


def _partitioning_text(part: exp.Expr) -> str:
    """A partition field of Iceberg as CREATE TABLE AS writes it: `day`, `month(at)`, `bucket(id, 4)`."""
    if isinstance(part, (exp.PartitionedByBucket, exp.PartitionByTruncate)):
        name = "bucket" if isinstance(part, exp.PartitionedByBucket) else "truncate"
        return f"{name}({part.this.name}, {part.expression.name})".lower()
    return (
        part.name.lower() if isinstance(part, (exp.ColumnDef, exp.Identifier)) else part.sql("trino").lower()
    )


def _column(node: exp.Expr) -> Column:
    if not isinstance(node, exp.ColumnDef) or not isinstance(node.kind, exp.DataType):
        raise Refused(f"the column definition {node.sql('hive')}")
    comment = ""
    for constraint in node.args.get("constraints") or []:
        if isinstance(constraint.kind, exp.CommentColumnConstraint):
            comment = constraint.kind.this.name
        else:
            raise Refused(f"the column definition {node.sql('hive')}")
    return Column(node.name.lower(), types.from_sql(node.kind), comment)


def _glue_column(column: Column) -> dict[str, str]:
    described = {"Name": column.name, "Type": types.to_hive(column.type)}
    return {**described, "Comment": column.comment} if column.comment else described


def _described(column: Column) -> str:
    return f"{column.name.ljust(20)}\t{types.to_hive(column.type).ljust(20)}\t{column.comment.ljust(20)}"


def _property_nodes(tree: exp.Create) -> list[exp.Expr]:
    properties = tree.args.get("properties")
    return properties.expressions if properties is not None else []


def _leaves(node: exp.Expr) -> list[exp.Expr]:
    return node.expressions if isinstance(node, exp.Properties) else [node]


def _property_pairs(nodes: Iterable[exp.Expr]) -> dict[str, str]:
    found = {}
    for node in nodes:
        if not isinstance(node, exp.Property) or not isinstance(node.args.get("value"), exp.Expr):
            raise Refused(f"the table property {node.sql('hive')}")
        found[node.this.name] = node.args["value"].name
    return found


def _partition_values(text: str, table: Table) -> tuple[str, ...]:
    given = {
        name.lower(): quoted if quoted is not None else plain
        for name, quoted, plain in (
            (m[1], m[2], m[3]) for m in re.finditer(r"[`\"]?(\w+)[`\"]?\s*=\s*(?:'([^']*)'|([\w.-]+))", text)
        )
    }
    if set(given) != set(table.partition_keys):
        raise _hive_error(f"Partition spec {{{text}}} does not name the table's partition keys")
    return tuple(given[key] for key in table.partition_keys)


def _dropped(tree: exp.Expr) -> exp.Expr:
    """What a DROP or CREATE names."""
    node = tree.this or tree.args["tables"][0]
    assert isinstance(node, exp.Expr)
    return node


def _database_name(tree: exp.Expr) -> str:
    node = _dropped(tree)
    return (node.text("db") or node.name).lower()


def _hive_error(
    message: str, *, code: str = "Execution Error, return code 1 from org.apache.hadoop.hive.ql.exec.DDLTask."
) -> QueryFailed:
    separator = ": " if code.startswith("Semantic") else " "
    return QueryFailed("", f"FAILED: {code}{separator}{message}")
