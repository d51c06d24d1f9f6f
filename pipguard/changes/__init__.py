"""Crash-safe changes of an environment: what a path was, will be, and how it gets back.

    forecast.py   which paths an operation will touch, before it touches one
    states.py  P  a path before and after; what a path found later means
    files.py      the one place where a transaction changes files
    journal.py    what is kept of an operation, on disk
    sharing.py    what several packages have, and what becomes of the copies
    repair.py     back to before: after a failure, after a kill, and as `undo`
    retention.py  how long saved files stay

`transaction.py` runs an operation over these.
"""
