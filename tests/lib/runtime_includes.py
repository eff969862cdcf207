# SPDX-License-Identifier: MIT
"""Where the runtime's public headers are: a directory per floor."""

import glob
import os

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
OPTIONS = [word for path in sorted(glob.glob(os.path.join(ROOT, "runtime", "*", "include"))) for word in ("-I", path)]
