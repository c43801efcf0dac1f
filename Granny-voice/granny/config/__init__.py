"""What is set, and where: the settings, the paths, the env files."""
