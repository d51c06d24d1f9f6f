"""A folder from which an environment is made again without any network.

It is an ordinary conda channel: every record of the environment as a package, its wheels, and the
lists of what was there. `making.py` makes it, `recreation.py` makes an environment of it;
`sources.py` finds the package of a record, `repack.py` makes one again where none can be found.
"""
