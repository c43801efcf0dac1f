"""One question a file: each probe asks one thing and answers with findings; `checkup` times and guards them."""

from granny.preflight.probes._answer import Answer, Unasked

__all__ = ["Answer", "Unasked"]
