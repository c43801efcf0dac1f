"""The stand-in for OpenAI's Realtime server."""
