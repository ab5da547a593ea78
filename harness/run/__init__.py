"""Running the suite: the pytest plugin, what becomes of a testcase, and the run as a whole."""
