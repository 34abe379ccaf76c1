"""The SQL of a source: a table's name or one single SELECT that only reads, or words that say what is wrong with it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from experiments.errors import BadInput

if TYPE_CHECKING:
    from sqlglot import exp

NAME = re.compile(r'[\w$."`\[\]-]+')
FORBIDDEN_PREFIXES = (
    "pg_",
    "dblink",
    "lo_",
    "query_to_xml",
    "table_to_xml",
    "schema_to_xml",
    "database_to_xml",
    "cursor_to_xml",
    "xp_",
    "sp_",
    "sys_",
    "system$",
    "txid_",
    "file",
    "read_",
    "write_",
    "parquet_",
    "sniff_",
    "http",
)
FORBIDDEN = frozenset(
    {
        "set_config",
        "setval",
        "nextval",
        "sleep",
        "benchmark",
        "load_file",
        "load_extension",
        "getenv",
        "glob",
        "url",
        "s3",
        "s3cluster",
        "gcs",
        "azureblobstorage",
        "hdfs",
        "remote",
        "remotesecure",
        "cluster",
        "mysql",
        "postgresql",
        "postgres_scan",
        "postgres_query",
        "mysql_query",
        "mysql_scan",
        "sqlite",
        "sqlite_scan",
        "mongodb",
        "redis",
        "jdbc",
        "odbc",
        "executable",
        "input",
        "external_query",
        "query",
        "query_table",
        "reflect",
        "java_method",
        "exec",
        "shell",
        "eval",
        "iceberg_scan",
        "delta_scan",
        "result_scan",
    }
)


def reading(text: str, dialect: object, field: str) -> exp.Query:
    """The one SELECT that a table's name or a text of SQL stands for; `BadInput`, with `field`, when it is none."""
    import sqlglot
    from sqlglot import exp
    from sqlglot.errors import SqlglotError

    stripped = text.strip().rstrip(";").strip()
    if not stripped:
        raise BadInput(f"Give a table or a SELECT for the {field}.", field=field)
    try:
        if NAME.fullmatch(stripped):
            return exp.select("*").from_(exp.to_table(stripped, dialect=dialect))  # type: ignore[arg-type]
        parsed = [each for each in sqlglot.parse(stripped, read=dialect) if each is not None]  # type: ignore[arg-type]
    except SqlglotError:
        raise BadInput(
            f"The SQL of the {field} cannot be read. Try it in the warehouse first, then paste it here.", field=field
        ) from None
    if len(parsed) != 1:
        raise BadInput(f"The SQL of the {field} has {len(parsed)} statements; give one SELECT.", field=field)
    query = parsed[0]
    if not isinstance(query, exp.Query):
        raise BadInput(f"The SQL of the {field} is no SELECT. Bunsen only reads.", field=field)
    _only_reads(query, field)
    return query


def _only_reads(query: exp.Query, field: str) -> None:
    from sqlglot import exp

    changes = (
        exp.DML,
        exp.DDL,
        exp.Into,
        exp.Lock,
        exp.Command,
        exp.Merge,
        exp.Drop,
        exp.Alter,
        exp.Set,
        exp.Use,
        exp.Pragma,
        exp.Attach,
        exp.Detach,
        exp.Copy,
        exp.TruncateTable,
        exp.Grant,
        exp.Transaction,
        exp.Kill,
        exp.Export,
    )
    for node in query.walk():
        if isinstance(node, changes) and not isinstance(node, exp.Query):
            raise BadInput(
                f"The SQL of the {field} does more than read ({node.key.upper()}); give one SELECT.", field=field
            )
        if isinstance(node, exp.Func):
            name = (node.name if isinstance(node, exp.Anonymous) else node.sql_name()).lower()
            if name in FORBIDDEN or name.startswith(FORBIDDEN_PREFIXES):
                raise BadInput(f"The SQL of the {field} calls {name}, which is not allowed here.", field=field)
        if isinstance(node, exp.Table) and isinstance(node.this, exp.Identifier) and _is_file(node.this.name):
            raise BadInput(f"The SQL of the {field} reads the file {node.this.name}; name a table.", field=field)


def _is_file(name: str) -> bool:
    return "/" in name or name.lower().endswith((".parquet", ".csv", ".json", ".tsv", ".txt", ".db", ".duckdb"))
