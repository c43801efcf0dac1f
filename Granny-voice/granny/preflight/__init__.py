"""The check-up: its probes, its report, and the terminal it is told on."""
