"""Asking a server: bounded, without redirects, as the worker and the plugin would ask."""
