"""The changes, in the order of their names; the last one is `standing.VERSIONS[-1]`."""
