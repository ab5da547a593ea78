"""The implementation under test: what every one can be asked, and an adapter for each."""
