"""Alerts at a real store, in both databases."""

from store.conftest import _database_url, _empty, _new_file, _server, _settings

__all__ = ["_database_url", "_empty", "_new_file", "_server", "_settings"]
