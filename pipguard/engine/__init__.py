"""The conda side: what conda is configured to do, and the solver that does it.

`condarc.py` reads conda's configuration: files by `condarc_files.py`, merged by `layers.py`, typed
by `parameters.py`, channel names to URLs by `channels.py` (the last three pure). `rattler.py`
solves and links.
"""
