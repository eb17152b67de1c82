"""What the Makefile calls: the environment, the demo and the test suites."""
