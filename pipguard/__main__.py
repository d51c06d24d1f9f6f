"""Runs `python -m pipguard`."""

from pipguard.cli import main

main()
