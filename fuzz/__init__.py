"""Fuzzing with coverage guidance: `make fuzz`."""
