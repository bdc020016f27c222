"""HTTP: the REST API, files, health and the page at `/`, by Starlette under uvicorn.

Rule: an endpoint turns a request into one command for the gate and its result into a response; the gate decides.
"""
