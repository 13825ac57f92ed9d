"""Reading images by the thousand and more: folders and Parquet files → batches → rows of a table.

In: names of files and folders. Out: a row for each image, in a CSV, JSON lines or Parquet file. An image that cannot
be read is a row with its error, never the end of the job. Parquet and Ray are in requirements-bulk.txt.
"""
