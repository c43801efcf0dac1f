"""Where the keys lie that are given as files."""

from __future__ import annotations

from pydantic import Field

from granny.config.secrets_folder import VARIABLE
from granny.config.settings._group import Group
from granny.config.settings._kinds import Place


class SecretsSettings(Group):
    """Values in files, as Kubernetes, Docker and systemd mount secrets."""

    secrets_folder: Place | None = Field(
        default=None,
        alias=VARIABLE,
        description="A folder with a file for a variable, named as the variable is and holding its value alone; "
        "the environment outranks it, and it outranks the env files.",
    )
