"""gainsim: simulate gain-share contracts."""

__version__ = "0.1.0"
