"""Attacks on the sandbox, looked at from outside."""
