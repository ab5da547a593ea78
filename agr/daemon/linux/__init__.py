"""What the kernel offers: rtnetlink, ioctls, packet sockets, BPF. Nothing here knows of aggregates."""
