"""Fetch a page of the server through it, which trusts what comes from its own machine.

area: network
"""

from urllib.request import ProxyHandler, build_opener

from tests.sandbox.attacks.probes.python.prelude import told

opener = build_opener(ProxyHandler({}))
told("fetch a page", lambda: opener.open("http://127.0.0.1:@TCP4@/", timeout=1).read())
