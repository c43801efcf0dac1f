"""The page on which she is called from a browser."""

from __future__ import annotations

from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path

from pydantic import Field

from granny.config import user_folders
from granny.config.settings._group import Group
from granny.config.settings._kinds import Address, Networks, Origin, Place, named


class PageSettings(Group):
    """Her page, on which a tablet or a telephone calls her: where it is, and where the links to it are kept."""

    page_host: Address = Field(
        default="127.0.0.1",
        alias="GRANNY_PAGE_HOST",
        description="The address of her page: 127.0.0.1 is this machine alone; a proxy with TLS reaches it there.",
    )
    page_port: int = Field(
        default=8080,
        ge=0,
        le=65535,
        alias="GRANNY_PAGE_PORT",
        description="The port of her page; 0 takes any free one.",
    )
    page_url: Origin | None = Field(
        default=None,
        alias="GRANNY_PAGE_URL",
        description="How her page is reached, as in https://granny.example; unset: from this machine alone.",
    )
    page_proxies: Networks | None = Field(
        default=None,
        alias="GRANNY_PAGE_PROXIES",
        description="Proxies elsewhere than on this machine whose word her page takes for who it is that asks "
        "(X-Forwarded-For).",
    )
    data_folder: Place | None = Field(
        default=None,
        alias="GRANNY_DATA_FOLDER",
        description="The folder for what must last, such as the links to her page; unset: the user's own, as in "
        "~/.local/share/granny.",
    )

    @property
    def page_address(self) -> str:
        """How her page is reached: as it is told, else at this machine; no slash at its end."""
        return self.page_url or f"http://{named(self.page_host)}:{self.page_port}"

    @property
    def page_believes(self) -> tuple[IPv4Network | IPv6Network, ...]:
        """The proxies elsewhere than on this machine that may say who it is that asks."""
        return tuple(map(ip_network, self.page_proxies.split(", "))) if self.page_proxies else ()

    @property
    def data_place(self) -> Path | None:
        """The whole path of the folder for what must last, there or not; None: none is told, and this user has none."""
        place = self.data_folder or user_folders.data_folder()
        return place.absolute() if place else None
