"""The tables of the store, and the version of this schema."""

from typing import Final

from sqlalchemy import JSON, Column, DateTime, Index, Integer, LargeBinary, MetaData, SmallInteger, String, Table, Text

VERSION: Final = 1

metadata: Final = MetaData()

# One row: the schema version of the tables.
schema: Final = Table("digitpad_schema", metadata, Column("version", Integer, primary_key=True, autoincrement=False))

corrections: Final = Table(
    "digitpad_corrections",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("time", DateTime, nullable=False),  # UTC
    Column("label", String(4), nullable=False),  # a digit, or none
    Column("fold", SmallInteger, nullable=False),  # see Entry
    Column("strokes", JSON(none_as_null=True)),
    Column("picture", LargeBinary, nullable=False),  # PNG
    Column("seen", LargeBinary, nullable=False),  # PNG
    Column("answer", JSON, nullable=False),
    Column("model", Text, nullable=False),
    Column("version", Text, nullable=False),
    Index("digitpad_corrections_of_label", "label", "id"),
    sqlite_autoincrement=True,  # the id of a deleted correction is not used again
)
