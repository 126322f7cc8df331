"""Drivers simulated by themselves, for the peers as for the tests of drivers."""

from tests.drivers.conftest import values

__all__ = ["values"]
