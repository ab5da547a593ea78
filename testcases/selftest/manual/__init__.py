"""What an operator reads and types: the manual pages and completion in a shell."""
