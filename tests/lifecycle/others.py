#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Creates and deletes all other backends many times, without leaks."""

import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
from lifecycle import run  # noqa: E402

if __name__ == "__main__":
    run()
