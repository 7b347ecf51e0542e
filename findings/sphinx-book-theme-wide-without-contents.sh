#!/usr/bin/env bash
# Library: sphinx-book-theme 1.3.0 (with sphinx 7.4.7, pydata-sphinx-theme 0.17.1, myst-parser 3.0.1,
#   playwright 1.65.2, which takes the Chromium that is installed).
# What happens: a page has no contents at the right (`html_theme.sidebar_secondary.remove: true`) and
#   something in the theme's class `full-width`. The theme's script then looks for the contents, to fold
#   them, finds none, and raises a TypeError as soon as the page is shown. The build says nothing.
# What one would expect: both are documented settings of the theme, and together are no fault. A page
#   without contents has the most room for what is wide.
# Why it matters: a page with an app of its own (here a laboratory) is just the one that has no contents.
#   A test that wants no error in the console fails, and the reason is in neither the page nor its scripts.
set -euo pipefail

chromium=$(command -v chromium || command -v chromium-browser || command -v google-chrome) || {
    echo "This needs an installed Chromium." >&2
    exit 2
}
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check sphinx-book-theme==1.3.0 \
    sphinx==7.4.7 pydata-sphinx-theme==0.17.1 myst-parser==3.0.1 playwright==1.65.2

mkdir "$folder/book"
cat > "$folder/book/conf.py" <<'PYTHON'
project = "A book"
extensions = ["myst_parser"]
myst_enable_extensions = ["colon_fence"]
html_theme = "sphinx_book_theme"
PYTHON
for page in index bare plain; do
    { [ "$page" = index ] || printf -- '---\nhtml_theme.sidebar_secondary.remove: true\n---\n'
      printf '# A page\n\n## A part\n\n'
      [ "$page" = plain ] || printf ':::{container} full-width\nSomething wide.\n:::\n\n'
      [ "$page" != index ] || printf ':::{toctree}\nbare\nplain\n:::\n'; } > "$folder/book/$page.md"
done
"$folder/venv/bin/python" -m sphinx -q -W -b html "$folder/book" "$folder/html"

cat > "$folder/look.py" <<'PYTHON'
import sys
from pathlib import Path

from playwright.sync_api import sync_playwright

folder, chromium = Path(sys.argv[1]), sys.argv[2]
names = {"index": "with contents, wide", "plain": "without contents", "bare": "without contents, wide"}
with sync_playwright() as playwright:
    browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
    for name, what in names.items():
        page, errors = browser.new_page(), []
        page.on("pageerror", lambda error: errors.append(error.message))
        page.goto((folder / f"{name}.html").as_uri())
        page.wait_for_timeout(1000)
        print(f"{what}: {errors[0] if errors else 'no error'}")
    browser.close()
PYTHON

expected="with contents, wide: no error
without contents: no error
without contents, wide: Cannot read properties of null (reading 'classList')"

found=$("$folder/venv/bin/python" "$folder/look.py" "$folder/html" "$chromium")
echo "$found"
if [ "$found" != "$expected" ]; then
    echo "This has changed. It was:"
    echo "$expected"
    exit 1
fi
