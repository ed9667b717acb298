"""Declared work as it runs: orders become loads, loads go from operation to operation along their route."""
