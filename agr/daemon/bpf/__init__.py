"""The data path in the kernel: the program in C, what loads it, and where it is attached."""
