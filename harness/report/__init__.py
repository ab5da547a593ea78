"""What people and machines read after a run: terminal, JUnit, page and captures."""
