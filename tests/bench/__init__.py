"""Benchmarks: what Holdfast costs, measured beside the usual way in the same run."""
