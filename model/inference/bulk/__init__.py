"""Reading images in bulk: folders and Parquet files → batches → rows of a table.

In: names of files and folders. Out: a row for each image, in a CSV, JSON lines or Parquet file. An image that cannot
be read becomes a row with an error. Parquet and Ray need requirements-bulk.txt.
"""
