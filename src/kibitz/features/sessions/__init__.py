"""Code sessions: what each of their commands means."""
