"""The HTTP interface, one blueprint per file. Never imports torch, PIL or numpy."""
