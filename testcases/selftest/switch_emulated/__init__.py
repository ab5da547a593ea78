"""Tests of the emulated managed switch."""
