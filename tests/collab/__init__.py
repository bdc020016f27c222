"""Stock Yjs clients, from their own packages, against Kibitz."""
