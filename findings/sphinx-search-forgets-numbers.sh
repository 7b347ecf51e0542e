#!/usr/bin/env bash
# Library: sphinx 7.4.7 (with playwright 1.65.2, which takes the Chromium that is installed).
# What happens: a page says "epoch 755", and 755 is in the index of the search. Whoever looks for 755 gets
#   nothing, and whoever looks for "epoch 755" gets every page with "epoch": the script drops whole numbers
#   from what is asked for, without a word. A decimal number is cut at its point, and both halves are dropped.
# What one would expect: what is in the index is found. Sphinx's own index takes the trouble to hold 755.
# Why it matters: in a report of measurements people look for the numbers (an epoch, an error, a year), and
#   take an empty answer for "this is not in the report".
set -euo pipefail

chromium=$(command -v chromium || command -v chromium-browser || command -v google-chrome) || {
    echo "This needs an installed Chromium." >&2
    exit 2
}
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check sphinx==7.4.7 playwright==1.65.2

mkdir "$folder/book"
echo 'project = "A report"' > "$folder/book/conf.py"
printf 'One\n===\n\nThe error jumps at epoch 755, to 0.0144.\n\n.. toctree::\n\n   two\n' > "$folder/book/index.rst"
printf 'Two\n===\n\nHere no epoch is like another.\n' > "$folder/book/two.rst"
"$folder/venv/bin/python" -m sphinx -q -W -b html "$folder/book" "$folder/html"

cat > "$folder/look.py" <<'PYTHON'
import json
import re
import sys
from pathlib import Path

from playwright.sync_api import sync_playwright

folder, chromium = Path(sys.argv[1]), sys.argv[2]
index = json.loads(re.search(r"Search.setIndex\((.*)\)", (folder / "searchindex.js").read_text())[1])
print("in the index:", " ".join(one for one in ("755", "0144", "epoch") if one in index["terms"]))
with sync_playwright() as playwright:
    browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
    for query in ("epoch", "755", "epoch 755", "0.0144"):
        page = browser.new_page()
        page.goto((folder / "search.html").as_uri() + "?q=" + query.replace(" ", "+"))
        page.locator("#search-results .search-summary:not(:empty)").wait_for()
        page.wait_for_timeout(1500)
        print(f"{query}: {page.locator('#search-results ul.search > li').count()} pages")
    browser.close()
PYTHON

expected="in the index: 755 0144 epoch
epoch: 2 pages
755: 0 pages
epoch 755: 2 pages
0.0144: 0 pages"

found=$("$folder/venv/bin/python" "$folder/look.py" "$folder/html" "$chromium")
echo "$found"
if [ "$found" != "$expected" ]; then
    echo "This has changed. It was:"
    echo "$expected"
    exit 1
fi
