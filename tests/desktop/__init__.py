"""The desktop client in real windows, on a screen of its own, against a real server."""
