"""A school to try Sunvai on: a folder with everything, families who answer, and the truth about what rang."""
