"""The commands of `python -m model`: each module adds one to the parser and runs it.

In: the command line. Out: text, files and an exit status. What commands share is in `options`.
"""
