"""Actor adapters: how an implementation under test is configured and read."""
