"""Who is in a room: what the agents of hers are marked with, so that whoever looks tells them from others'."""

AGENT = "granny.agent"
"""The participant attribute that marks an agent of hers, from the moment it joins."""
CALL = "call"
"""Its value for her who holds the call."""
BUSY = "busy"
"""Its value for the voice that says that the line is busy; it holds no call."""
