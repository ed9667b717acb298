"""Observers: what devices and people report of what happens, and how that goes wrong."""
