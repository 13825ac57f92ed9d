"""Digitpad beside other ways to serve a network."""
