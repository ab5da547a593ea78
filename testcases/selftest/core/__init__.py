"""Tests of agr's protocol core: in virtual time, without a network."""
