"""What an author of the course runs: lessons built and published, the student's copy, releases, figures on
real data.

A student's wheel does not hold this package.
"""
