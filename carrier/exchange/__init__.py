"""A pocket telephone exchange that speaks Plivo's API: for laptops, tests and rehearsals. It imports nothing of ours."""
