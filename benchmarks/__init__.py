"""Benchmarks: speed, accuracy and the wall time of a whole command; results kept as history."""
