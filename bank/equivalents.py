"""Mutants of the solutions that compute the same as the solution, by name, each with the reason.

`python -m course_lib.authoring.mutants` does not count them: no hidden case can catch them.
"""

SYMMETRIC = "the matrix is symmetric, so rows and columns are the same"

EQUIVALENT = {
    "02.3": {
        "nearest = np.where(own, np.inf, distance).argmin(axis=1)"
        " -> nearest = np.where(own, np.inf, distance).argmin(axis=0)": SYMMETRIC,
        "chance = (same & ~own).sum(axis=1) / (~own).sum(axis=1)"
        " -> chance = (same & ~own).sum(axis=0) / (~own).sum(axis=1)": SYMMETRIC,
        "chance = (same & ~own).sum(axis=1) / (~own).sum(axis=1)"
        " -> chance = (same & ~own).sum(axis=1) / (~own).sum(axis=0)": SYMMETRIC,
    },
}
