"""Drivers: what nobody or somebody controls, as steps in the vocabulary."""
