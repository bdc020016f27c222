"""How the tables came to be, one numbered step after another.

Rule: a step that was released is never changed, and there is no way down: whoever needs the old shape takes the copy that
`kibitz.storage.upgrade` kept. A new step is written by hand as `versions/NNNN_words.py`, together with `storage.schema` and
`upgrade.NEWEST`; it imports nothing of Kibitz, which will have changed by the time it runs.
"""
