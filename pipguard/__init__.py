"""pipguard: plain `pip install`, made safe inside conda environments.

Start reading in `guard.py`: it tells the story of one install and one uninstall.
"""

__version__ = "0.1.0"
