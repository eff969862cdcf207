# SPDX-License-Identifier: MIT
"""What changed from one schema or ledger to another, and whom that breaks."""
