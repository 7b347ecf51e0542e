#!/usr/bin/env bash
# Library: python-flint 0.9.0 (Arb), ball arithmetic.
# What happens: the exponential of a wide ball holds negative numbers. exp of the ball from -25 to 25
#   has a lower end of -64 at 53 bits, and of a ball around 1000 one of -7.8e435. So 1 / (1 + exp(z)),
#   the sigmoid, is not finite there: its denominator may be 0. The hyperbolic tangent, by which the
#   sigmoid is usually mended, is finite for a wide ball away from 0, but not for one around 0.
# What one would expect: an exponential is positive, a tangent lies between -1 and 1, and both rise, so
#   two evaluations at the ends would give bounds that keep to that.
# Why it matters: to bound the output of a network over a box of inputs, one evaluates it on balls. With
#   steep neurons the bound is lost altogether, although a sigmoid lies between 0 and 1 everywhere.
#   Bounds at the two ends of a ball are safe, since both functions are monotonic.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check python-flint==0.9.0 2>/dev/null

cat > "$folder/look.py" <<'PYTHON'
from flint import arb, ctx

ctx.prec = 53
for middle, radius in ((0, 1), (0, 25), (1000, 25)):
    z = arb(middle, radius)
    e, t = z.exp(), (z / 2).tanh()
    print(
        f"{middle} ± {radius}:",
        "exp is positive" if e > 0 else "exp may be negative",
        "| sigmoid is", "finite" if (1 / (1 + e)).is_finite() else "not finite",
        "| tanh is", "finite" if t.is_finite() else "not finite",
    )
PYTHON

expected="0 ± 1: exp is positive | sigmoid is finite | tanh is finite
0 ± 25: exp may be negative | sigmoid is not finite | tanh is not finite
1000 ± 25: exp may be negative | sigmoid is not finite | tanh is finite"

found=$("$folder/venv/bin/python" "$folder/look.py")
echo "$found"
if [ "$found" != "$expected" ]; then
    echo "This has changed. It was:"
    echo "$expected"
    exit 1
fi
