# SPDX-License-Identifier: MIT
"""Sphinx's settings.  docs/build calls it with the chapters and the generated reference in one directory."""

from pygments.lexers.data import YamlLexer
from sphinx.application import Sphinx

project = "Vintage"
author = "the Vintage developers"
extensions = ["myst_parser"]
source_suffix = {".md": "markdown"}
root_doc = "index"
exclude_patterns = ["README.md"]
html_theme = "alabaster"
html_show_copyright = False
html_theme_options = {"page_width": "75em", "sidebar_width": "16em", "show_powered_by": False}
pygments_style = "default"
myst_heading_anchors = 3


class SchemaLexer(YamlLexer):
    """Schemas: near enough to YAML's flow style, comments included."""

    name = "schema"
    aliases = ["schema"]


def setup(app: Sphinx) -> None:
    app.add_lexer("schema", SchemaLexer)
