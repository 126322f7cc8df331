"""Conduct: what the parties do in answer to results. The seam between the world and the deal."""
