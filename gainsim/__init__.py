"""gainsim: simulate gain-share contracts."""
