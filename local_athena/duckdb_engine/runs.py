"""The DuckDB engine: reads tables through Hive or Iceberg, computes in DuckDB, writes back."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
from pyiceberg.table import Table as IcebergTable
from sqlglot import exp

from local_athena.compiler import proven
from local_athena.compiler.analysis import Analyzer, Compiled
from local_athena.compiler.constraints import conjuncts
from local_athena.compiler.expressions import place
from local_athena.compiler.plans import Output, Plan, ScanPlan, Scope, TableSource, ViewSource
from local_athena.duckdb_engine.database import Database, Session, named
from local_athena.errors import QueryFailed, Refused
from local_athena.sql.parsing import parse
from local_athena.sql.statements import Control, Outcome, Statement
from local_athena.tables import iceberg
from local_athena.tables.catalog import Catalog, Table, view_input
from local_athena.tables.hive import HiveTables
from local_athena.tables.iceberg import FILE_COLUMN, POSITION_COLUMN, IcebergTables, Scan
from local_athena.tables.maintenance import optimize, vacuum
from local_athena.tables.pruning import Needs
from local_athena.tables.s3 import ObjectStore, split_uri
from local_athena.tables.settings import TableSettings
from local_athena.values import types
from local_athena.values.columns import Column
from local_athena.values.types import BIGINT, VARCHAR, Type, quoted

_PATH = Column("$path", VARCHAR)
#: A table's name in OPTIMIZE and VACUUM, quoted or not.
_NAME = r"(?:[`\"]?(?P<database>[\w-]+)[`\"]?\s*\.\s*)?[`\"]?(?P<table>[\w-]+)[`\"]?"
_ADDRESS = (Column(FILE_COLUMN, BIGINT), Column(POSITION_COLUMN, BIGINT))


class DuckDBEngine:
    """Runs statements over the tables of one catalog."""

    def __init__(self, catalog: Catalog, store: ObjectStore, iceberg_tables: IcebergTables) -> None:
        self._catalog = catalog
        self._store = store
        self._database = Database()
        self._hive = HiveTables(catalog, store)
        self._iceberg = iceberg_tables

    def close(self) -> None:
        self._database.close()

    def run(self, statement: Statement, control: Control) -> Outcome:
        """Run one statement.

        Raises:
            QueryFailed: it failed.
            QueryStopped: it was stopped.
        """
        session = self._database.session()
        try:
            control.on_stop(session.interrupt)
            tree = _with_parameters(parse(statement.sql), statement.parameters)
            return _Run(self, statement, session, control).run(tree)
        finally:
            session.close()

    @property
    def catalog(self) -> Catalog:
        return self._catalog

    @property
    def store(self) -> ObjectStore:
        return self._store

    @property
    def hive(self) -> HiveTables:
        return self._hive

    @property
    def iceberg(self) -> IcebergTables:
        return self._iceberg


class _Run:
    """One statement's run: its schemas, its session, and the bytes it has read."""

    def __init__(
        self, engine: DuckDBEngine, statement: Statement, session: Session, control: Control
    ) -> None:
        self._catalog = engine.catalog
        self._store = engine.store
        self._hive = engine.hive
        self._iceberg = engine.iceberg
        self._statement = statement
        self._session = session
        self._control = control
        self._scanned = 0
        self._resolved: dict[tuple[str, str], TableSource | ViewSource | None] = {}

    def run(self, tree: exp.Expr) -> Outcome:
        """Run the statement's tree."""
        if isinstance(tree, (exp.Query, exp.Values)):
            return self._select(tree)
        if isinstance(tree, exp.Create):
            return self._create(tree)
        if isinstance(tree, exp.Insert):
            return self._insert(tree)
        if isinstance(tree, exp.Merge):
            return self._merge(tree)
        if isinstance(tree, (exp.Delete, exp.Update)):
            return self._change(tree)
        if isinstance(tree, exp.Command) and str(tree.this).upper() in ("OPTIMIZE", "VACUUM"):
            return self._maintain(str(tree.this).upper())
        raise Refused(f"the statement {self._statement.sql[:80]}")

    # --- reading ---

    def resolve(self, database: str, name: str) -> TableSource | ViewSource | None:
        """A table or view by name, as the analyser sees it; looked up once for each statement."""
        key = (database, name)
        if key not in self._resolved:
            self._resolved[key] = self._resolve(database, name)
        return self._resolved[key]

    def has_database(self, database: str) -> bool:
        """Whether the catalog has a database."""
        return self._catalog.has_database(database)

    def _resolve(self, database: str, name: str) -> TableSource | ViewSource | None:
        table = self._catalog.find_table(database, name)
        if table is None:
            return None
        if table.is_view:
            return ViewSource(database, name, table.view_sql, table.view_database)
        if table.is_iceberg:
            loaded = self._iceberg.load(table)
            return TableSource(loaded, database, name, self._iceberg.columns(loaded), (_PATH,))
        return TableSource(table, database, name, table.columns, (_PATH,))

    def _compile(self, tree: exp.Expr) -> Compiled:
        return Analyzer(self, self._statement.database).compile(tree)

    def _load(self, scans: Sequence[ScanPlan]) -> dict[ScanPlan, Scan]:
        """Read what the scans need and register it; the Iceberg ones' files are returned.

        A scan that nobody reads (of a WITH query that is never named) has no rows.
        """
        planned = {}
        for plan in scans:
            self._control.check()
            assert plan.source is not None
            # A query that only counts rows reads no column of theirs.
            columns = list(plan.used) or [_PATH.name]
            if not plan.received:
                self._session.register(plan.relation, _no_rows(plan.source, columns))
                continue
            if isinstance(plan.source.key, IcebergTable):
                planned[plan] = self._iceberg.plan(plan.source.key, plan.needs)
                rows, size = self._iceberg.read(planned[plan], columns)
            else:
                assert isinstance(plan.source.key, Table)
                rows, size = self._hive.scan(plan.source.key, columns, plan.needs)
            self._scanned += size
            self._session.register(plan.relation, rows)
        return planned

    def _rows(self, compiled: Compiled) -> pa.Table:
        self._load(compiled.scans)
        return named(self._session.run(compiled.sql), compiled.columns)

    def _select(self, tree: exp.Expr) -> Outcome:
        compiled = self._compile(tree)
        rows = self._rows(compiled)
        return self._outcome("DML", "SELECT", columns=compiled.columns, rows=rows)

    def _outcome(self, statement_type: str, substatement_type: str, **rest: Any) -> Outcome:
        return Outcome(statement_type, substatement_type, scanned_bytes=self._scanned, **rest)

    # --- CREATE ---

    def _create(self, tree: exp.Create) -> Outcome:
        kind = (tree.args.get("kind") or "").upper()
        if kind == "VIEW" and tree.expression is not None:
            return self._create_view(tree)
        if kind == "TABLE" and tree.expression is not None:
            return self._create_table_as(tree)
        raise Refused(f"the statement {self._statement.sql[:80]}")

    def _name(self, node: exp.Expr) -> tuple[str, str]:
        table = node.this if isinstance(node, exp.Schema) else node
        if not isinstance(table, exp.Table):
            raise Refused(f"the table name {node.sql('trino')}")
        database = (table.db or self._statement.database).lower()
        if not self._catalog.has_database(database):
            raise QueryFailed("SCHEMA_NOT_FOUND", f"{place(table)}Schema {database} does not exist")
        return database, table.name.lower()

    def _create_view(self, tree: exp.Create) -> Outcome:
        database, name = self._name(tree.this)
        compiled = self._compile(tree.expression)
        _check_names(compiled.columns, tree)
        old = self._catalog.find_table(database, name)
        if old is not None and not (tree.args.get("replace") and old.is_view):
            raise iceberg.already_exists(database, name)
        wanted = view_input(name, _view_body(self._statement.sql), self._statement.database, compiled.columns)
        if old is None:
            self._catalog.create_table(database, wanted)
        else:
            self._catalog.update_table(database, wanted)
        return Outcome("DDL", "CREATE_VIEW")

    def _create_table_as(self, tree: exp.Create) -> Outcome:
        database, name = self._name(tree.this)
        if isinstance(tree.this, exp.Schema):
            raise Refused("CREATE TABLE AS with a list of columns")
        if self._catalog.find_table(database, name) is not None:
            if tree.args.get("exists"):
                return Outcome("DDL", "CREATE_TABLE_AS_SELECT", update_count=0)
            raise iceberg.already_exists(database, name)
        settings = TableSettings(tree, self._default_location())
        compiled = self._compile(tree.expression)
        _check_names(compiled.columns, tree)
        if settings.is_iceberg:
            columns = [Column(c.name, _iceberg_type(c.type)) for c in compiled.columns]
        else:
            columns = list(compiled.columns)
            settings.check_partitions(columns)
            bucket, prefix = split_uri(settings.location.rstrip("/") + "/")
            if self._store.list(bucket, prefix):
                raise QueryFailed(
                    "HIVE_PATH_ALREADY_EXISTS",
                    f"Target directory for table '{database}.{name}' already exists: {settings.location}. "
                    "You may need to manually clean the data at location before retrying.",
                )
        if any(column.type == types.UNKNOWN for column in columns):
            unknown = next(c.name for c in columns if c.type == types.UNKNOWN)
            raise QueryFailed("COLUMN_TYPE_UNKNOWN", f"{place(tree)}Column type is unknown: {unknown}")
        rows = _as_columns(self._rows(compiled), columns)
        if settings.is_iceberg:
            written = self._iceberg.create(
                database, name, columns, settings.partitioning, settings.location, settings.properties, rows
            )
        else:
            written = self._create_hive(database, name, columns, settings, rows)
        return self._outcome("DDL", "CREATE_TABLE_AS_SELECT", update_count=rows.num_rows, written=written)

    def _create_hive(
        self, database: str, name: str, columns: list[Column], settings: TableSettings, rows: pa.Table
    ) -> list[str]:
        wanted = settings.table_input(name, columns)
        keys = tuple(settings.partitioning)
        table = Table(database, name, tuple(columns), keys, {**wanted, "DatabaseName": database})
        self._hive.check(table, rows)
        self._catalog.create_table(database, wanted)
        return self._hive.write(table, rows)

    def _default_location(self) -> str:
        return f"{self._statement.output_location.rstrip('/')}/tables/{self._statement.query_id}"

    # --- INSERT ---

    def _insert(self, tree: exp.Insert) -> Outcome:
        if tree.args.get("overwrite"):
            raise Refused("INSERT OVERWRITE")
        source = self._target(tree.this)
        listed = (
            [c.name.lower() for c in tree.this.expressions] if isinstance(tree.this, exp.Schema) else None
        )
        compiled = self._compile(tree.expression)
        chosen = _chosen(source.columns, listed, tree)
        _check_insert(chosen, compiled.columns, tree)
        rows = _assigned(self._rows(compiled), chosen, source.columns)
        if isinstance(source.key, IcebergTable):
            written = self._iceberg.append(source.key, rows)
        else:
            assert isinstance(source.key, Table)
            self._hive.check(source.key, rows)
            written = self._hive.write(source.key, rows)
        return self._outcome("DML", "INSERT", update_count=rows.num_rows, written=written)

    def _target(self, node: exp.Expr) -> TableSource:
        named_table = node.this if isinstance(node, exp.Schema) else node
        database = (named_table.text("db") or self._statement.database).lower()
        name = named_table.name.lower()
        source = self.resolve(database, name)
        if source is None:
            raise QueryFailed(
                "TABLE_NOT_FOUND",
                f"{place(named_table)}Table 'awsdatacatalog.{database}.{name}' does not exist",
            )
        if isinstance(source, ViewSource):
            raise QueryFailed("NOT_SUPPORTED", f"{place(named_table)}Inserting into views is not supported")
        return source

    # --- MERGE, UPDATE, DELETE ---

    def _changeable(self, node: exp.Expr) -> TableSource:
        source = self._target(node)
        if not isinstance(source.key, IcebergTable):
            raise QueryFailed(
                "NOT_SUPPORTED", "Modifying Hive table rows is only supported for transactional tables"
            )
        return TableSource(source.key, source.database, source.name, source.columns, (_PATH, *_ADDRESS))

    def _merge(self, tree: exp.Merge) -> Outcome:
        source = self._changeable(tree.this)
        analyzer = Analyzer(self, self._statement.database)
        plan = Plan()
        target = analyzer.scan(source, tree.this.args.get("alias"), plan)
        using = analyzer.relation(tree.args["using"], None, [], plan)
        both = Scope([*target.outputs, *using.outputs], clause="MERGE")
        condition = analyzer.expressions.condition(tree.args["on"], both, "MERGE ON clause")
        # A target row that misses the condition is left alone: what the condition asks of the target's
        # columns decides which files are read at all.
        analyzer.limit_inputs(plan, tree.args["on"], both, target.outputs)
        cases = _MergeCases(analyzer, tree, source, target.outputs, using.outputs, both)
        file, position = (_address(target.outputs, name) for name in (FILE_COLUMN, POSITION_COLUMN))
        sql = analyzer.with_ctes(
            f'SELECT {file} AS "$f", {position} AS "$p", {cases.number(file)} AS "$k", {cases.values()} '
            f"FROM {using.sql} LEFT JOIN {target.sql} ON {condition.sql}"
        )
        return self._apply(analyzer, plan, source, sql, cases.deletes, "MERGE")

    def _change(self, tree: exp.Delete | exp.Update) -> Outcome:
        """UPDATE and DELETE: like MERGE with the table itself as the source."""
        source = self._changeable(tree.this)
        analyzer = Analyzer(self, self._statement.database)
        plan = Plan()
        target = analyzer.scan(source, tree.this.args.get("alias"), plan)
        scope = Scope(target.outputs, clause="WHERE clause")
        test = "TRUE"
        where = tree.args.get("where")
        if where is not None:
            test = analyzer.expressions.condition(where.this, scope, "WHERE clause").sql
            analyzer.limit_inputs(plan, where.this, scope, target.outputs)
        set_to = tree.expressions if isinstance(tree, exp.Update) else []
        assigned = _assignments(analyzer, set_to, source, scope)
        values = ", ".join(
            f"{assigned.get(c.name) or output.sql} AS {quoted(c.name)}"
            for c, output in zip(source.columns, target.outputs, strict=False)
        )
        file, position = (_address(target.outputs, name) for name in (FILE_COLUMN, POSITION_COLUMN))
        number = 1 if isinstance(tree, exp.Update) else 0
        sql = analyzer.with_ctes(
            f'SELECT {file} AS "$f", {position} AS "$p", {number} AS "$k", {values} '
            f"FROM {target.sql} WHERE {test}"
        )
        name = "UPDATE" if isinstance(tree, exp.Update) else "DELETE"
        return self._apply(analyzer, plan, source, sql, {0}, name)

    def _apply(
        self, analyzer: Analyzer, plan: Plan, source: TableSource, sql: str, deletes: set[int], name: str
    ) -> Outcome:
        """Write the changes that a query found, in one commit.

        Args:
            analyzer, plan: what compiled the query.
            source: the table to change.
            sql: yields file and position of a changed row (null for a new one), the case's number and
                the row's new columns.
            deletes: the numbers of the cases that delete the row.
            name: the statement's kind.
        """
        plan.received.append({})
        analyzer.add(plan)
        analyzer.push()
        target = next(scan for scan in analyzer.scans if scan.source is source)
        target.used.update(dict.fromkeys([*(c.name for c in source.columns), FILE_COLUMN, POSITION_COLUMN]))
        scan = self._load(analyzer.scans)[target]
        merged = self._session.run(f'SELECT * FROM ({sql}) WHERE "$k" IS NOT NULL')
        self._session.register("merged", merged)
        self._check_matches(merged)
        columns = ", ".join(quoted(c.name) for c in source.columns)
        dropped = ", ".join(map(str, deletes)) or "-1"
        rows = self._session.run(
            f"SELECT {columns} FROM {target.relation} t "
            'WHERE t."$file" IN (SELECT "$f" FROM merged) AND NOT EXISTS '
            '(SELECT 1 FROM merged m WHERE m."$f" = t."$file" AND m."$p" = t."$position") '
            f'UNION ALL SELECT {columns} FROM merged WHERE "$k" NOT IN ({dropped})'
        )
        changed = merged["$f"].drop_null().unique().to_pylist()
        self._control.check()
        self._iceberg.replace_files(scan, changed, named(rows, source.columns))
        return self._outcome("DML", name, update_count=merged.num_rows)

    def _check_matches(self, merged: pa.Table) -> None:
        matches = merged.filter(pc.field("$f").is_valid()).group_by(["$f", "$p"])
        counts = matches.aggregate([("$k", "count"), ("$k", "count_distinct")])
        cases_of_twice = counts.filter(pc.field("$k_count") > 1)["$k_count_distinct"].unique().to_pylist()
        if 1 in cases_of_twice:
            raise QueryFailed(
                "MERGE_TARGET_ROW_MULTIPLE_MATCHES",
                "One MERGE target table row matched more than one source row",
            )
        if cases_of_twice:
            # Trino notices only source rows that fall under one clause; what it then does is no MERGE.
            raise Refused("a MERGE in which source rows under different clauses match one target row")

    # --- OPTIMIZE and VACUUM ---

    def _maintain(self, verb: str) -> Outcome:
        pattern = {
            "OPTIMIZE": rf"optimize\s+{_NAME}\s+rewrite\s+data\s+using\s+bin_pack"
            r"(?:\s+where\s+(?P<where>.+))?",
            "VACUUM": rf"vacuum\s+{_NAME}",
        }[verb]
        match = re.fullmatch(pattern, self._statement.sql, re.IGNORECASE | re.DOTALL)
        if match is None:
            raise QueryFailed("SYNTAX_ERROR", f"line 1:1: mismatched input in {self._statement.sql[:80]}")
        database = (match["database"] or self._statement.database).lower()
        source = self._target(exp.to_table(f'"{database}"."{match["table"].lower()}"'))
        if not isinstance(source.key, IcebergTable):
            raise QueryFailed("NOT_SUPPORTED", f"{verb} is only supported for Iceberg tables")
        if verb == "OPTIMIZE":
            self._scanned += optimize(self._iceberg, self._chosen_files(source, match["where"]))
        else:
            vacuum(self._iceberg, self._store, source.key)
        return self._outcome("DDL", verb)

    def _chosen_files(self, source: TableSource, where: str | None) -> Scan:
        """The files of the partitions that a WHERE names."""
        assert isinstance(source.key, IcebergTable)
        if where is None:
            return self._iceberg.plan(source.key, Needs())
        tree = parse(f'select 1 from "{source.database}"."{source.name}" where {where}')
        (scan,) = self._compile(tree).scans
        keys = set(self._iceberg.identity_partitions(source.key))
        (needed,) = scan.received
        asked = list(conjuncts(tree.args["where"].this))
        if set(scan.used) - keys or sum(map(len, needed.values())) < len(asked):
            raise Refused("OPTIMIZE with a WHERE other than partition columns compared with literals")
        return self._iceberg.plan(source.key, scan.needs)


class _MergeCases:
    """The WHEN clauses of a MERGE, numbered in order."""

    def __init__(
        self,
        analyzer: Analyzer,
        tree: exp.Merge,
        source: TableSource,
        target: list[Output],
        using: list[Output],
        both: Scope,
    ) -> None:
        self._columns = source.columns
        self._target = {output.column: output.sql for output in target}
        self.deletes: set[int] = set()
        self._tests: dict[bool, list[tuple[str, int]]] = {True: [], False: []}
        self._assigned: dict[int, dict[str, str]] = {}
        whens = tree.args["whens"].expressions
        for number, when in enumerate(whens):
            if when.args.get("source"):
                raise Refused("WHEN NOT MATCHED BY SOURCE")
            matched = bool(when.args["matched"])
            scope = both if matched else Scope(using, clause="MERGE")
            condition = when.args.get("condition")
            test = (
                "TRUE"
                if condition is None
                else analyzer.expressions.condition(condition, scope, "WHEN clause").sql
            )
            self._tests[matched].append((test, number))
            then = when.args["then"]
            if isinstance(then, exp.Update):
                self._assigned[number] = {
                    **self._target,
                    **_assignments(analyzer, then.expressions, source, scope),
                }
            elif isinstance(then, exp.Insert):
                self._assigned[number] = _inserted(analyzer, then, source, scope)
            else:
                self.deletes.add(number)

    def number(self, file: str) -> str:
        """SQL for the number of the case that a row falls under; null for none."""
        matched, unmatched = (
            "CASE " + " ".join(f"WHEN {test} THEN {n}" for test, n in self._tests[kind]) + " END"
            if self._tests[kind]
            else "NULL"
            for kind in (True, False)
        )
        return f"CASE WHEN {file} IS NOT NULL THEN {matched} ELSE {unmatched} END"

    def values(self) -> str:
        """SQL for the new value of each of the table's columns."""
        found = []
        for column in self._columns:
            whens = " ".join(
                f"WHEN {n} THEN {values.get(column.name, 'NULL')}" for n, values in self._assigned.items()
            )
            kind = types.to_duckdb(column.type)
            sql = f'CAST(CASE "$k" {whens} END AS {kind})' if whens else f"CAST(NULL AS {kind})"
            found.append(f"{sql} AS {quoted(column.name)}")
        return ", ".join(found)


def _iceberg_type(kind: Type) -> Type:
    """What CREATE TABLE AS stores a column as: Iceberg knows no length of varchar."""
    if kind.base in ("tinyint", "smallint"):
        return types.INTEGER
    if kind.base == "varchar":
        return VARCHAR
    if kind.items:
        return Type(kind.base, kind.params, tuple(map(_iceberg_type, kind.items)), kind.names)
    return kind


def _check_names(columns: Sequence[Column], tree: exp.Expr) -> None:
    names = [column.name for column in columns]
    for index, name in enumerate(names):
        if name == f"_col{index}":
            raise QueryFailed(
                "COLUMN_NAME_NOT_SPECIFIED", f"{place(tree)}Column name not specified at position {index + 1}"
            )
        if name in names[:index]:
            raise QueryFailed(
                "DUPLICATE_COLUMN_NAME", f"{place(tree)}Column name '{name}' specified more than once"
            )


def _view_body(sql: str) -> str:
    """A view's statement, in the words of the CREATE VIEW that made it."""
    match = re.match(r"create\s+(?:or\s+replace\s+)?view\s+\S+(?:\s*\.\s*\S+)*?\s+as\b", sql, re.IGNORECASE)
    if not match:
        raise Refused("CREATE VIEW with anything between its name and AS")
    return sql[match.end() :].strip()


def _chosen(columns: Sequence[Column], listed: list[str] | None, tree: exp.Expr) -> list[Column]:
    if listed is None:
        return list(columns)
    by_name = {column.name: column for column in columns}
    for name in listed:
        if name not in by_name:
            raise QueryFailed(
                "COLUMN_NOT_FOUND", f"{place(tree)}Insert column name does not exist in target table: {name}"
            )
    return [by_name[name] for name in listed]


def _check_insert(chosen: Sequence[Column], given: Sequence[Column], tree: exp.Expr) -> None:
    if len(chosen) != len(given) or not all(
        _assignable(b.type, a.type) for a, b in zip(chosen, given, strict=True)
    ):
        table, query = (", ".join(str(c.type) for c in columns) for columns in (chosen, given))
        raise QueryFailed(
            "TYPE_MISMATCH",
            f"{place(tree)}Insert query has mismatched column types: Table: [{table}], Query: [{query}]",
        )
    for wanted, own in zip(chosen, given, strict=True):
        signature = proven.coercion(own.type, wanted.type)
        if signature:
            proven.require(signature)


def _assignable(given: Type, wanted: Type) -> bool:
    both = types.common(given, wanted)
    return both is not None and (
        both.without_length() == wanted.without_length() or _same_shape(both, wanted)
    )


def _same_shape(a: Type, b: Type) -> bool:
    """Equal but for the lengths of texts and the names of fields."""
    if a.items:
        return a.base == b.base and len(a.items) == len(b.items) and all(map(_same_shape, a.items, b.items))
    return a.without_length() == b.without_length()


def _assigned(rows: pa.Table, chosen: Sequence[Column], columns: Sequence[Column]) -> pa.Table:
    """Rows with all of the table's columns, in its order and types; what is not given is null."""
    given = {column.name: index for index, column in enumerate(chosen)}
    schema = pa.schema([(column.name, types.to_arrow(column.type)) for column in columns])
    arrays = [
        rows.column(given[field.name]).cast(field.type)
        if field.name in given
        else pa.nulls(rows.num_rows, field.type)
        for field in schema
    ]
    return pa.table(arrays, schema=schema)


def _as_columns(rows: pa.Table, columns: Sequence[Column]) -> pa.Table:
    schema = pa.schema([(column.name, types.to_arrow(column.type)) for column in columns])
    return pa.table([rows.column(i).cast(field.type) for i, field in enumerate(schema)], schema=schema)


def _assignments(
    analyzer: Analyzer, pairs: Sequence[exp.Expr], source: TableSource, scope: Scope
) -> dict[str, str]:
    """New values by column name, for `set a = …, b = …`."""
    kinds = {column.name: column.type for column in source.columns}
    found = {}
    for pair in pairs:
        name = pair.this.name.lower()
        if name not in kinds:
            raise QueryFailed(
                "COLUMN_NOT_FOUND", f"{place(pair)}The UPDATE SET target column {name} doesn't exist"
            )
        found[name] = _coerced(analyzer, scope, pair.expression, kinds[name], name)
    return found


def _inserted(analyzer: Analyzer, then: exp.Insert, source: TableSource, scope: Scope) -> dict[str, str]:
    """New values by column name, for `insert (a, b) values (…, …)`."""
    kinds = {column.name: column.type for column in source.columns}
    names = [part.name.lower() for part in then.this.expressions] if then.this is not None else list(kinds)
    values = then.expression.expressions
    if len(names) != len(values):
        raise QueryFailed(
            "TYPE_MISMATCH", f"{place(then)}MERGE INSERT has {len(names)} columns but {len(values)} values"
        )
    missing = [name for name in names if name not in kinds]
    if missing:
        raise QueryFailed("COLUMN_NOT_FOUND", f"{place(then)}Column '{missing[0]}' cannot be resolved")
    return {
        name: _coerced(analyzer, scope, value, kinds[name], name)
        for name, value in zip(names, values, strict=True)
    }


def _coerced(analyzer: Analyzer, scope: Scope, node: exp.Expr, kind: Type, name: str) -> str:
    """An expression's SQL as the type of the column that it is written to."""
    value = analyzer.expressions.compile(node, scope)
    if not _assignable(value.type, kind):
        raise QueryFailed(
            "TYPE_MISMATCH",
            f"{place(node)}column types don't match: column {name} is {kind}, the expression is {value.type}",
        )
    return analyzer.expressions.coerced(value, kind)


def _no_rows(source: TableSource, columns: Sequence[str]) -> pa.Table:
    kinds = {column.name: column.type for column in (*source.columns, *source.hidden)}
    return pa.schema([(name, types.to_arrow(kinds[name])) for name in columns]).empty_table()


def _address(outputs: Sequence[Output], name: str) -> str:
    return next(output.sql for output in outputs if output.hidden and output.name == name)


def _with_parameters(tree: exp.Expr, parameters: Sequence[str]) -> exp.Expr:
    """The statement with its question marks replaced by the execution's parameters."""
    marks = list(tree.find_all(exp.Placeholder))
    if len(marks) != len(parameters):
        raise QueryFailed(
            "INVALID_PARAMETER_USAGE",
            f"Incorrect number of parameters: expected {len(marks)} but found {len(parameters)}",
        )
    for mark, text in zip(marks, parameters, strict=True):
        value = parse(f"select {text}")
        assert isinstance(value, exp.Select)
        mark.replace(value.expressions[0])
    return tree
