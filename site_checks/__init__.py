"""Checks of built pages, for the tests, the benchmarks and `make publish-check`."""
