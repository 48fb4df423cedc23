"""Grading: students' code runs in a sandbox and hands out plain values; what is right never enters it."""
