"""A demonstration on a throw-away environment, and what its environments are made of."""
