"""The composition root: where every concrete class is chosen. The command line is :mod:`testbed.cli`."""
