"""The tables of the store, and the version that they are of."""

from typing import Final

from sqlalchemy import JSON, Column, DateTime, Index, Integer, LargeBinary, MetaData, SmallInteger, String, Table, Text

VERSION: Final = 1

metadata: Final = MetaData()

# One row: the version that the tables were made by.
schema: Final = Table("digitpad_schema", metadata, Column("version", Integer, primary_key=True, autoincrement=False))

corrections: Final = Table(
    "digitpad_corrections",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("time", DateTime, nullable=False),  # UTC
    Column("label", String(4), nullable=False),  # what is right: a digit, or none
    Column("fold", SmallInteger, nullable=False),  # which fifth: see Entry
    Column("strokes", JSON(none_as_null=True)),
    Column("picture", LargeBinary, nullable=False),  # PNG
    Column("seen", LargeBinary, nullable=False),  # PNG
    Column("answer", JSON, nullable=False),
    Column("model", Text, nullable=False),
    Column("version", Text, nullable=False),
    Index("digitpad_corrections_of_label", "label", "id"),
    sqlite_autoincrement=True,  # an id that was deleted is never given again
)
