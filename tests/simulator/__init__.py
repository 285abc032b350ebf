"""Tests of the simulator, over HTTP against a running one."""
