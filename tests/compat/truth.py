#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Defaults compared with a running QEMU 7.2: each type, property and machine of each target."""

import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import observed  # noqa: E402
from observed import Release  # noqa: E402
from vintage_test import main  # noqa: E402

observed.add_all(Release("7.2", devices=0.995, processors=0.995, strict=True))

if __name__ == "__main__":
    main()
