# SPDX-License-Identifier: MIT
"""qapi-gen import: what a QEMU says of its types and defaults, proposed as schema."""
