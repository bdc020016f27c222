"""Settings, assembly and life span of one server process.

Rule: parts are put together in one place (`kibitz.server.assembly`) and stopped in the exact reverse of their start.
"""
