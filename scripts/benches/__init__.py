"""Benchmarks: each sets a figure beside the naive way of doing the same, in the same run on the same machine."""
