"""The census as a schema of a PostGIS database, written in one transaction."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import geopandas as gpd
import pandas as pd
import shapely
from pandas.api import types

from riskmap.census.database import Address, connect, read_query
from riskmap.crs import crs_of
from riskmap.errors import SourceError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from psycopg import Connection

__all__ = ["read_schema", "write_schema"]

_MARK = "riskmap census"
_ORDER = "fid"
_SCHEMA = "riskmap"


def write_schema(text: str, tables: Mapping[str, pd.DataFrame]) -> None:
    """Write frames as the tables of a schema, all of them or none.

    A reader sees the old tables until the moment of the commit. Tables in the
    schema that riskmap did not write stay as they are.

    Parameters
    ----------
    text
        The address of the database; ``?schema=`` names the schema, else it
        is ``riskmap``. It is made where it is missing.
    tables
        By name; frames with or without geometry.

    Raises
    ------
    SourceError
        If the database cannot be reached or written, has no PostGIS, or the
        schema is somebody else's.
    """
    address = Address.parse(text)
    schema = address.schema or _SCHEMA
    part = f"{schema}_part"
    with connect(address) as opened:
        from psycopg import sql  # noqa: PLC0415

        opened.execute("SELECT pg_advisory_xact_lock(hashtext(%s))", [schema])
        old = _own_tables(opened, schema)
        _claim(opened, schema, address)
        run = _Runner(opened)
        run("CREATE SCHEMA {}", part)
        for name, frame in tables.items():
            _write_table(opened, sql.Identifier(part, name), frame)
            run("COMMENT ON TABLE {} IS {}", (part, name), sql.Literal(_MARK))
        for name in old:
            run("DROP TABLE {}", (schema, name))
        for name in tables:
            run("ALTER TABLE {} SET SCHEMA {}", (part, name), schema)
        run("DROP SCHEMA {}", part)


def read_schema(text: str) -> dict[str, pd.DataFrame]:
    """Read the tables that `write_schema` wrote.

    Parameters
    ----------
    text
        The address of the database, as for writing.

    Returns
    -------
    dict of str to pandas.DataFrame
        By name, rows in the order they were written; empty for no census.

    Raises
    ------
    SourceError
        If the database cannot be reached or read.
    """
    address = Address.parse(text)
    schema = address.schema or _SCHEMA
    found = {}
    with connect(address) as opened:
        from psycopg import sql  # noqa: PLC0415

        opened.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        for name in _own_tables(opened, schema):
            query = sql.SQL("SELECT * FROM {} ORDER BY {}").format(
                sql.Identifier(schema, name), sql.Identifier(_ORDER)
            )
            found[name] = read_query(opened, query).drop(columns=_ORDER)
    return found


class _Runner:
    """Run statements whose gaps are names of schemas and tables."""

    def __init__(self, opened: Connection[Any]) -> None:
        self._opened = opened

    def __call__(self, statement: str, *gaps: Any) -> None:  # noqa: ANN401
        """Run one statement; text is quoted as a name, pairs as dotted names."""
        from psycopg import sql  # noqa: PLC0415

        filled = [
            sql.Identifier(*((one,) if isinstance(one, str) else one))
            if isinstance(one, str | tuple)
            else one
            for one in gaps
        ]
        template = sql.SQL(statement)
        self._opened.execute(template.format(*filled))


def _own_tables(opened: Connection[Any], schema: str) -> list[str]:
    """Return the tables of a schema that riskmap wrote."""
    rows = opened.execute(
        "SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
        " WHERE n.nspname = %s AND c.relkind = 'r'"
        " AND obj_description(c.oid, 'pg_class') = %s ORDER BY c.oid",
        [schema, _MARK],
    ).fetchall()
    return [str(row[0]) for row in rows]


def _claim(opened: Connection[Any], schema: str, address: Address) -> None:
    """Make the schema, or refuse one that is somebody else's."""
    from psycopg import sql  # noqa: PLC0415

    about = opened.execute(
        "SELECT obj_description(oid, 'pg_namespace') FROM pg_namespace"
        " WHERE nspname = %s",
        [schema],
    ).fetchone()
    if about is None:
        run = _Runner(opened)
        run("CREATE SCHEMA {}", schema)
        run("COMMENT ON SCHEMA {} IS {}", schema, sql.Literal(_MARK))
    elif about[0] != _MARK:
        msg = (
            f'{address.shown}: the schema "{schema}" is not riskmap\'s; name another '
            "one with ?schema="
        )
        raise SourceError(msg)


def _write_table(opened: Connection[Any], table: Any, frame: pd.DataFrame) -> None:  # noqa: ANN401
    """Create one table and copy the rows of a frame into it."""
    from psycopg import sql  # noqa: PLC0415

    names = [str(one) for one in frame.columns]
    kinds = [_kind(frame, one) for one in names]
    columns = sql.SQL(", ").join(
        sql.SQL("{} {}").format(sql.Identifier(name), sql.SQL(kind))
        for name, kind in zip(names, kinds, strict=True)
    )
    first = sql.SQL("{} bigint PRIMARY KEY").format(sql.Identifier(_ORDER))
    create = sql.SQL("CREATE TABLE {} ({}, {})")
    opened.execute(create.format(table, first, columns))
    cells = [_cells(frame, one) for one in names]
    with (
        opened.cursor() as cursor,
        cursor.copy(sql.SQL("COPY {} FROM STDIN").format(table)) as copy,
    ):
        for row in zip(range(1, len(frame) + 1), *cells, strict=True):
            copy.write_row(row)
    for name, kind in zip(names, kinds, strict=True):
        if kind.startswith("geometry"):
            index = sql.SQL("CREATE INDEX ON {} USING gist ({})")
            opened.execute(index.format(table, sql.Identifier(name)))


def _kind(frame: pd.DataFrame, name: str) -> str:
    """Return the type of a column in the database."""
    column = frame[name]
    if isinstance(column, gpd.GeoSeries):
        return f"geometry(Geometry, {_srid(column)})"
    if types.is_bool_dtype(column):
        return "boolean"
    if types.is_integer_dtype(column):
        return "bigint"
    if types.is_float_dtype(column):
        return "double precision"
    return "timestamp" if types.is_datetime64_any_dtype(column) else "text"


def _cells(frame: pd.DataFrame, name: str) -> list[object]:
    """Return the cells of a column as psycopg takes them, None for null."""
    column = frame[name]
    if isinstance(column, gpd.GeoSeries):
        numbered = shapely.set_srid(column.to_numpy(), _srid(column))
        coded = shapely.to_wkb(numbered, hex=True, include_srid=True)
        return [None if one is None else str(one) for one in coded]
    if isinstance(column.dtype, pd.StringDtype) or column.dtype == object:
        return [
            None if gone else str(one).replace("\x00", "")
            for one, gone in zip(column, column.isna(), strict=True)
        ]
    plain: list[object] = column.astype(object).where(column.notna(), None).tolist()
    return plain


def _srid(column: gpd.GeoSeries) -> int:
    """Return the number by which PostGIS knows a CRS; 0 for none."""
    return crs_of(column).to_epsg() or 0
