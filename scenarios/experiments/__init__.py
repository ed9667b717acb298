"""Experiments: the same plant in several ways, replicated with paired luck, told with its uncertainty."""
