"""The way to the internet; other programs read these variables, too."""

from __future__ import annotations

from pydantic import Field

from granny.config.settings._group import Group


class NetworkSettings(Group):
    """The way to the internet, where it leads through a company's proxy."""

    https_proxy: str | None = Field(
        default=None,
        alias="HTTPS_PROXY",
        repr=False,  # it may hold a password
        description="A proxy for everything but the sound of a call, as in http://proxy.example:3128; "
        "NO_PROXY and https_proxy in small letters have no effect.",
    )
    http_proxy: str | None = Field(
        default=None, alias="HTTP_PROXY", repr=False, description="The same, where HTTPS_PROXY is not set."
    )
    ssl_cert_file: str | None = Field(
        default=None,
        alias="SSL_CERT_FILE",
        description="A file with the certificates to trust in place of the system's, as a company's proxy needs it.",
    )
    ssl_cert_dir: str | None = Field(
        default=None, alias="SSL_CERT_DIR", description="The same, as a folder of certificates."
    )
