"""`python -m agr.daemon` is agrd. Garbage is not looked for while it is loaded, nor at its end."""

import gc
import logging
import os
import sys

gc.disable()

from agr.daemon.main import main  # noqa: E402

code = main()
logging.shutdown()
sys.stdout.flush()
sys.stderr.flush()
os._exit(code)
