"""The driver for Cisco IOS and IOS XE: command line, configuration, `show` texts."""
