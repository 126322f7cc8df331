"""Service operations: assets that fail, crews that repair them, spares that run out; every path has a history of its own."""
