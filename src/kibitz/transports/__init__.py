"""Bytes only: TCP, WebSocket and HTTP.

Rule: a transport turns bytes into commands and answers into bytes; it decides nothing.
"""
