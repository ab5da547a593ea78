"""The programs that send, receive and generate, each a process of its own."""
