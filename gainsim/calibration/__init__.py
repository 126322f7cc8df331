"""Calibration: from a dated history to drivers, with what the history cannot tell said as plainly as what it can.

Outside the strict arithmetic of the way of money: what is fitted here is written into a file, and the file is what runs.
"""
