"""Tests of the load bench."""
