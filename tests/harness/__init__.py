"""What the suites share: running processes, databases, clients and waiting."""
