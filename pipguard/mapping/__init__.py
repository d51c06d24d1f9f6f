"""What is known about PyPI projects on conda.

`seed.py` is what we know ourselves, written by hand. `table.py` is the downloaded table of which
conda package ships which dist, kept in a cache; `compact.py` is the form it has there. Both only
propose: `names.py` puts them in order, and a record that really ships the dist decides.
"""
