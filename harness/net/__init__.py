"""Linux networking for benches and traffic: packet sockets, links, iproute2, ethtool, qdiscs."""
