"""Granny, a plain agent and a bare job, measured side by side on one machine; run by hand with `make bench`."""
