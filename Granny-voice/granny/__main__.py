"""`python -m granny`, in the folder of agent.py: lists her commands, and runs one."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from granny.commands import COMMANDS, run

_USAGE = """\
usage: python -m granny COMMAND [options]

{commands}

python -m granny COMMAND --help tells its options."""
_UNKNOWN = "There is no command {name}{guess}\n\n{usage}"
_GUESS = "; did you mean {name}?"
_HELP = ("--help", "-h", "help")
_WIDTH = max(map(len, COMMANDS))


def main(arguments: Sequence[str]) -> int:
    """Run the command that comes first; without one, list them. Returns the exit status."""
    name, *rest = arguments or _HELP
    if name in COMMANDS:
        return run(name, rest)
    if name in _HELP:
        print(usage())
        return 0
    return refuse(name)


def usage() -> str:
    """The commands, a line each."""
    lines = (f"  {name:<{_WIDTH}}  {purpose}" for name, purpose in COMMANDS.items())
    return _USAGE.format(commands="\n".join(lines))


def refuse(name: str) -> int:
    """Say that there is no such command, and which one may have been meant; returns the exit status."""
    from difflib import get_close_matches  # noqa: PLC0415  without the two the list is there sooner

    from granny.faults import ExitCode  # noqa: PLC0415  as above

    close = get_close_matches(name, COMMANDS, n=1)
    guess = _GUESS.format(name=close[0]) if close else "."
    print(_UNKNOWN.format(name=repr(name), guess=guess, usage=usage()), file=sys.stderr)
    return ExitCode.CONFIG


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
