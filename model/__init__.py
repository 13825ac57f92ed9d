"""Everything about digits: ink, networks, training and reading. Never imports flask."""

__version__ = "0.1.0"
