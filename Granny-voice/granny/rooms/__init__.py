"""LiveKit rooms from outside: access, tokens and names."""
