"""Programs that attack what runs them, the host they must not touch, and those who run them.

Rule: what a probe says is believed when it admits a success; that it failed is seen from outside as well.
"""
