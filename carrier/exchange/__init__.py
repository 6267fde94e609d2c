"""A pocket telephone exchange that speaks Plivo's API, for laptops, tests and rehearsals; imports nothing of ours."""
