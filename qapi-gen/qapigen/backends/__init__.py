# SPDX-License-Identifier: MIT
"""Views of a schema that are not C."""
