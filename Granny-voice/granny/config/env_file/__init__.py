"""What an env file really says: bytes into variables, each with its line, and what is lost on the way.

The file is read twice: once as a person reads it, line by line, and once as python-dotenv reads it. Where the
two differ, something is lost. No object here shows a value or a name from the file in its repr.
"""

from granny.config.env_file._encoding import Undecodable, decode
from granny.config.env_file._file import EnvFile, look_alikes, read
from granny.config.env_file._lines import Assignment, Content, LostLine, understand
from granny.config.env_file._names import nearest, showable
from granny.config.env_file._values import values

__all__ = [
    "Assignment",
    "Content",
    "EnvFile",
    "LostLine",
    "Undecodable",
    "decode",
    "look_alikes",
    "nearest",
    "read",
    "showable",
    "understand",
    "values",
]
