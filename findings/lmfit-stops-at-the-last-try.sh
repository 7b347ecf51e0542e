#!/usr/bin/env bash
# Library: lmfit 1.3.4 (with SciPy 1.15.3).
# What happens: where max_nfev ends a fit, the parameters that were tried last are returned, not the
#   best ones that were seen. For methods that search along a line (bfgs, cg, powell) the last try may
#   be far off; chisqr, the report and the plot are those of that try.
# What one would expect: the best point so far, as SciPy returns with a limit (its maxiter, or the
#   max_nfev of least_squares).
# Why it matters: methods are compared 'at equal cost' by limiting the calls of the function, as
#   counting iterations is not fair. What is compared then are accidents of the line search: with a
#   few calls more a method may look worse.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check lmfit==1.3.4 scipy==1.15.3 numpy==2.2.6

cat > "$folder/look.py" <<'PYTHON'
import warnings

import lmfit
import numpy as np

warnings.filterwarnings("ignore")
x = np.linspace(0, 5, 20)
y = 3 * np.exp(-x / 2) + 0.1 * np.sin(17 * x)

for method, limits in ("bfgs", (13, 16, 20)), ("cg", (13, 16, 20)), ("powell", (5, 8, 11)):
    for limit in limits:
        seen = []

        def residuals(parameters):
            found = parameters["a"] * np.exp(-parameters["b"] * x) - y
            seen.append(np.sum(found**2))
            return found

        start = lmfit.create_params(a=1, b=1)
        result = lmfit.minimize(residuals, start, method=method, max_nfev=limit)
        print(
            f"{method}, max_nfev={limit}: returned chisqr {result.chisqr:.2f},",
            f"the best one seen {min(seen):.2f}",
        )
PYTHON

expected="bfgs, max_nfev=13: returned chisqr 2.07, the best one seen 2.07
bfgs, max_nfev=16: returned chisqr 30.94, the best one seen 2.07
bfgs, max_nfev=20: returned chisqr 3.55, the best one seen 2.07
cg, max_nfev=13: returned chisqr 2.07, the best one seen 2.07
cg, max_nfev=16: returned chisqr 38.26, the best one seen 2.07
cg, max_nfev=20: returned chisqr 2.26, the best one seen 2.07
powell, max_nfev=5: returned chisqr 4.33, the best one seen 4.22
powell, max_nfev=8: returned chisqr 4.22, the best one seen 4.22
powell, max_nfev=11: returned chisqr 23827.98, the best one seen 4.22"

found=$("$folder/venv/bin/python" "$folder/look.py")
echo "$found"
if [ "$found" != "$expected" ]; then
    echo "This has changed. It was:"
    echo "$expected"
    exit 1
fi
