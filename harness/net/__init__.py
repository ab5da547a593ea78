"""Sockets, links, iproute2 and ethtool of Linux: what benches and traffic are built on."""
