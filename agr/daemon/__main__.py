"""`python -m agr.daemon` is agrd."""

import sys

from agr.daemon.main import main

sys.exit(main())
