"""Benchmarks: each measures us and a peer or a physical limit in the same run, and prints the ratio."""
