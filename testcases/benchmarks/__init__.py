"""How fast agr is: `make bench`, or ``python -m testcases.benchmarks``.

agr is run as a program and judged by what passes on wires, against a plain veth path beside it; only `core`
imports it. Every figure is a median over interleaved rounds of one run, and a ratio wherever the speed of the
machine itself would show in it. Senders and receivers are pinned, agrd is not.
"""
