"""`agrconfig`, and `python -m agr.cli`. No garbage is collected: it ends soon."""

import gc

gc.disable()

from agr.cli.main import command  # noqa: E402

if __name__ == "__main__":
    command()
