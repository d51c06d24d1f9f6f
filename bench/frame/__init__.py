"""What every measurement has in common.

`timing` runs both sides in turn, `stage` makes the environments, `results` judges what was found,
`machine` tells where.
"""
