"""Places where interfaces and processes are, what is done there, and the stalls that are measured of them."""
