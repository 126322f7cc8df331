"""Dependence: how scores hang together, as functions from independent scores to coupled ones. It knows no drivers."""
