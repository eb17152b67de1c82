"""The state of the stand-in platform and the rules by which it changes."""
