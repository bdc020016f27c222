"""Every suite, and what they share."""
