"""Programs of the tester that run in the kernel: frames made and checked by the million."""
