"""Tools for authors: build and publish lessons, make students' copies and releases, and measure figures.

A student's wheel does not contain this package.
"""
