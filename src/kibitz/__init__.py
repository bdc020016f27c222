"""Kibitz: self-hosted team chat where code runs.

One rule: this file holds the version and nothing else, so that importing the package costs nothing.
"""

__version__ = "0.1.0"
