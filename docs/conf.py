"""Sphinx's settings of the documentation site; `docs/website.py` lays out its pages and builds it.

Formulas are plain text, on pages and in docstrings alike: they read the same in an editor, in `help()` and on the
site, and no page needs MathJax from a network.
"""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

from sphinx.application import Sphinx
from sphinx.ext.napoleon import NumpyDocstring
from sphinx.util.inspect import TypeAliasForwardRef

ROOT = Path(__file__).resolve().parent.parent
_PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]

project = _PROJECT["name"]
author = "commonweal contributors"
version = release = _PROJECT["version"]
extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon", "sphinx.ext.viewcode"]
root_doc = "index"
source_suffix = {".md": "markdown", ".rst": "restructuredtext"}

myst_heading_anchors = 4  # the anchors that a repository's own view gives

# `judge` in a docstring is a link where it is a public name, and code where it is not.
default_role = "py:obj"
autodoc_typehints = "description"
autodoc_typehints_description_target = "documented"
autodoc_typehints_format = "short"
# Not as the source has them: the keywords of models are not all in the text of their `__init__`.
autodoc_preserve_defaults = False
autodoc_member_order = "bysource"
python_use_unqualified_type_names = True
autodoc_type_aliases = {
    name: name for name in ("ArrayLike", "FloatArray", "IntArray", "SmallArray", "BoolArray", "Profile")
}
napoleon_google_docstring = False
napoleon_attr_annotations = False
# Names of attributes are no links to attributes of other classes.
napoleon_custom_sections = [("Attributes", "params_style")]

html_theme = "furo"
html_title = project
html_copy_source = False
html_show_copyright = False
html_show_sphinx = False
html_static_path = ["site.css"]
html_css_files = ["site.css"]
pygments_style = "friendly"

_CODE = re.compile(r"(`+[^`]*`+)")
_unchanged: list[str] = []

# In unions, aliases of types are shown by this.
TypeAliasForwardRef.__repr__ = lambda alias: alias.name  # type: ignore[method-assign]


def _before_napoleon(
    app: Sphinx, what: str, name: str, thing: object, options: object, lines: list[str]
) -> None:
    for number, line in enumerate(lines):
        if not line.lstrip().startswith((">>>", "...")):
            pieces = _CODE.split(line)
            pieces[::2] = [piece.replace("|", r"\|") for piece in pieces[::2]]  # |x| is no substitution
            lines[number] = "".join(pieces)
    _unchanged[:] = lines


def _after_napoleon(
    app: Sphinx, what: str, name: str, thing: object, options: object, lines: list[str]
) -> None:
    if what in ("attribute", "property", "data"):  # of these it takes what stands before a colon for a type
        lines[:] = NumpyDocstring(_unchanged, app.config, app, "method", name, thing, options).lines()


def setup(app: Sphinx) -> None:
    """Let docstrings mean on the site what they mean in an editor."""
    app.connect("autodoc-process-docstring", _before_napoleon, priority=400)
    app.connect("autodoc-process-docstring", _after_napoleon, priority=600)
