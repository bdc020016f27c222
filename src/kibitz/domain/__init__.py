"""The rules of Kibitz, plain and synchronous.

Rule: nothing here awaits, reads a clock, draws a random number or touches a file, socket or database.
"""
