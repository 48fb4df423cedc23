"""Clips as arrays: frames (`video`) and sound (`audio`)."""
