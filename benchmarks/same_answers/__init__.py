"""The same answers before and after a change of the code.

In: two trees of the project, and optionally the data sets below DIGITPAD_DATA. Out: a digest of every answer of each
tree, and the first answers that differ. Nothing but `app` is imported from outside benchmarks/: a copy of this folder
runs in an older tree.
"""
