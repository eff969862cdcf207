# SPDX-License-Identifier: MIT
"""What was released: the resolved defaults of closed versions, written down and held against the schema."""
