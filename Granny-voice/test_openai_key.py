"""Asks OpenAI alone, as `python -m granny key`; pytest finds no test in it."""

import sys

from granny.commands import run

if __name__ == "__main__":
    sys.exit(run("key", sys.argv[1:]))
