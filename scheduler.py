"""Do the daily job on its schedule: the same as `digest schedule`."""

import sys

from digest.cli import main

if __name__ == "__main__":
    sys.argv.insert(1, "schedule")
    sys.exit(main())
