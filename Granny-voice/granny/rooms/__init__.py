"""LiveKit rooms from outside: tokens and names."""
