"""What may be read in a log: redaction, and the shape of a line."""
