"""Finds what does not hold of an environment, and plans its repair.

`examination.py` looks, `diagnosis.py` judges: from `Evidence` to findings, each with the steps that
would cure it. `repair.py` takes those steps.
"""
