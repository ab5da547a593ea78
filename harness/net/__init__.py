"""Linux networking for benches and traffic: packet sockets, links, ethtool."""
