"""The ports, made real (Docker, the OS keychain, files) and in memory for tests."""
