# SPDX-License-Identifier: MIT
"""The schema compiler: text to expressions, expressions to a model, the model to C."""
