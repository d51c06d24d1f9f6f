"""Says what is in an environment so that it can be made again elsewhere.

`reading.py` takes stock, an `Inventory`; each format is a module that writes one:
`environment_yml.py`, `requirements_txt.py`, `pylock.py`, `explicit.py`.
"""
