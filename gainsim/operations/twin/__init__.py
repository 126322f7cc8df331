"""Histories of operations, compiled: the rules of docs/reference/operations.md, event by event, path by path.

Only sums and comparisons of what was drawn: the bits are the same on every machine. All functions are put together into one,
`loop.histories`, which is what the machine runs.

What something in a history stands for is kept in records: an asset's `slots` are its modes, one after the other; a request, or a
worn part at a shop, is an asset of its own with one slot, a seat, that is taken from those that are free. What happens next to
each asset, kind of requests and site is a leaf.
"""
