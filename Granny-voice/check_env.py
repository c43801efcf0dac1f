"""The check-up by itself, as `python -m granny check`: exits with 0, 70, 75 or 78."""

import sys

from granny.commands import run

if __name__ == "__main__":
    sys.exit(run("check", sys.argv[1:]))
