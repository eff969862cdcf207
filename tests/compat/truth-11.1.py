#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Defaults compared with a running QEMU 11.1: each type, property and machine of each target."""

import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import observed  # noqa: E402
from observed import Release  # noqa: E402
from vintage_test import main  # noqa: E402

observed.add_all(Release("11.1", devices=0.995, processors=0.99, strict=True))


if __name__ == "__main__":
    main()
