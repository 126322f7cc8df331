"""Scenario files: reading, checking, changing single values."""
