"""Opens every table of a run with the tools that people open it with: counts, types, and comments where there are any.

    readers.py RUN SCHEMAS      RUN is a run directory, SCHEMAS the folder data-schemas
"""

import json
import pathlib
import sys
import tempfile

import datasets
import duckdb
import pandas
import polars
import pyarrow as pa
import yaml
from pyspark.sql import SparkSession

PLAIN = {
    "string": pa.string(), "bigint": pa.int64(), "int": pa.int32(), "double": pa.float64(), "float": pa.float32(),
    "boolean": pa.bool_(), "binary": pa.binary(),
}


def split(fields):
    """The fields of a struct: commas within brackets do not part them."""
    depth, parts = 0, [""]
    for c in fields:
        depth += (c == "<") - (c == ">")
        if c == "," and depth == 0:
            parts.append("")
        else:
            parts[-1] += c
    return parts


def arrow(ddl):
    """The Arrow type of a type as data-schemas writes it."""
    kind, _, inner = ddl.partition("<")
    inner = inner[:-1]
    if kind == "array":
        return pa.list_(arrow(inner))
    if kind == "struct":
        return pa.struct([pa.field(name, arrow(type)) for name, type in (f.split(":", 1) for f in split(inner))])
    if kind == "map":
        key, value = split(inner)
        return pa.map_(arrow(key), arrow(value))
    return PLAIN[kind]


def same(type):
    """A type without what readers are free in: the width of offsets, and the names of list items."""
    if pa.types.is_large_string(type) or pa.types.is_string_view(type):
        return pa.string()
    if pa.types.is_large_binary(type) or pa.types.is_binary_view(type):
        return pa.binary()
    if pa.types.is_list(type) or pa.types.is_large_list(type):
        return pa.list_(pa.field("item", same(type.value_type)))
    if pa.types.is_struct(type):
        return pa.struct([pa.field(f.name, same(f.type)) for f in type])
    if pa.types.is_map(type):
        return pa.map_(same(type.key_type), same(type.item_type))
    return type


def check(tool, table, rows, schema, expected_rows, columns, partitions):
    assert rows == expected_rows, f"{tool}: {table} has {rows} rows, the manifests say {expected_rows}"
    names = {field.name: same(field.type) for field in schema}
    for name, type in columns.items():
        assert name in names, f"{tool}: {table} has no column {name}: {sorted(names)}"
        if name not in partitions:
            assert names[name] == same(arrow(type)), f"{tool}: {table}.{name} is {names[name]}, not {same(arrow(type))}"


def ddl(schema, location):
    quoted = lambda text: "'" + " ".join(text.split()).replace("\\", "\\\\").replace("'", "\\'") + "'"
    columns = ", ".join(f"`{c['name']}` {c['type']} COMMENT {quoted(c['doc'])}" for c in schema["columns"])
    by = ", ".join(schema.get("partition", []))
    return (
        f"CREATE TABLE {schema['table']} ({columns}) USING parquet "
        + (f"PARTITIONED BY ({by}) " if by else "")
        + f"COMMENT {quoted(schema['doc'])} LOCATION '{location}'"
    )


def main(run, schemas):
    rows, files = {}, {}
    for manifest in sorted((run / "manifests").glob("*.json")):
        for table, entry in json.loads(manifest.read_text())["tables"].items():
            rows[table] = rows.get(table, 0) + entry["rows"]
            files.setdefault(table, []).extend(str(run / f["path"]) for f in entry["files"])
    warehouse = tempfile.mkdtemp()
    datasets.disable_progress_bars()
    spark = (
        SparkSession.builder.master("local[1]").config("spark.ui.enabled", "false")
        .config("spark.ui.showConsoleProgress", "false").config("spark.sql.warehouse.dir", warehouse)
        .config("spark.sql.catalogImplementation", "in-memory").getOrCreate()
    )
    spark.sparkContext.setLogLevel("ERROR")
    done = 0
    for table in sorted(t for t in rows if rows[t] and files[t]):
        schema = yaml.safe_load((schemas / f"{table}.yaml").read_text())
        columns = {c["name"]: c["type"] for c in schema["columns"]}
        partitions = schema.get("partition", [])
        told = (rows[table], columns, partitions)

        relation = duckdb.read_parquet(files[table], hive_partitioning=True)
        check("DuckDB", table, len(relation), relation.limit(1).to_arrow_table().schema, *told)

        frame = pandas.read_parquet(files[table], dtype_backend="pyarrow", partitioning="hive")
        check("pandas", table, len(frame), pa.Table.from_pandas(frame, preserve_index=False).schema, *told)

        lazy = polars.scan_parquet(files[table], hive_partitioning=True)
        head = lazy.head(1).collect().to_arrow().schema
        check("Polars", table, lazy.select(polars.len()).collect().item(), head, *told)

        loaded = datasets.load_dataset("parquet", data_files=files[table], split="train", cache_dir=warehouse)
        inside = {name: type for name, type in columns.items() if name not in partitions}
        check("datasets", table, loaded.num_rows, loaded.features.arrow_schema, rows[table], inside, [])

        spark.sql(ddl(schema, run / table))
        if partitions:
            spark.sql(f"ALTER TABLE {table} RECOVER PARTITIONS")
        described = {r.col_name: (r.data_type, r.comment) for r in spark.sql(f"DESCRIBE {table}").collect()}
        for column in schema["columns"]:
            type, comment = described[column["name"]]
            assert type == column["type"], f"Spark SQL: {table}.{column['name']} is {type}, not {column['type']}"
            assert comment == " ".join(column["doc"].split()), f"Spark SQL: {table}.{column['name']} has the comment {comment}"
        counted = spark.table(table).count()
        assert counted == rows[table], f"Spark SQL: {table} has {counted} rows, the manifests say {rows[table]}"
        spark.table(table).foreach(lambda row: None)
        done += 1
    spark.stop()
    print(f"DuckDB, pandas, Polars, datasets and Spark SQL read {done} tables with {sum(rows.values()):,} rows alike")


main(pathlib.Path(sys.argv[1]).resolve(), pathlib.Path(sys.argv[2]))
