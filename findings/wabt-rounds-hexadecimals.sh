#!/usr/bin/env bash
# Library: wabt 1.0.39 on npm (wat2wasm as a module).
# What happens: a hexadecimal constant with a few bits more than fit is rounded as if all that is
#   above half a unit were exactly half: to even. With one digit too many about one in five f32.const
#   is wrong in the last bit (seven digits), and as many f64.const (fourteen). With fewer or many more
#   digits all are right, and so are decimals.
# What one would expect: the nearest number, as the text format of WebAssembly prescribes; only a tie
#   goes to even.
# Why it matters: hexadecimal is what one writes to fix a constant to the bit, and a digit more than
#   needed is what one writes to be on the safe side. A table of weights or coefficients then differs
#   from what numpy or a C compiler makes of it.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
(cd "$folder" && npm install --silent --no-audit --no-fund --ignore-scripts wabt@1.0.39)

cat > "$folder/look.cjs" <<'JAVASCRIPT'
const start = require("wabt");

let state = 11;
const below = (n) => (state = (state * 16807) % 2147483647) % n;

start().then((wabt) => {
  function read(type, literals) {
    const functions = literals.map((text, i) => `(func (export "${i}") (result ${type}) ${type}.const ${text})`);
    const module = wabt.parseWat("constants", `(module ${functions.join("")})`);
    const { exports } = new WebAssembly.Instance(new WebAssembly.Module(module.toBinary({}).buffer));
    return literals.map((_, i) => exports[i]());
  }

  for (const [type, lengths] of [["f32", [6, 7, 12]], ["f64", [13, 14, 20]]]) {
    for (const length of lengths) {
      const literals = [];
      const nearest = [];
      for (let i = 0; i < 1000; i++) {
        let digits = (8 + below(8)).toString(16);
        while (digits.length < length) digits += below(16).toString(16);
        const value = Number(BigInt("0x" + digits)) / 16 ** (length - 1); // rounded once, to nearest
        literals.push(`0x${digits[0]}.${digits.slice(1)}p0`);
        nearest.push(type === "f32" ? Math.fround(value) : value);
      }
      const found = read(type, literals);
      const wrong = found.filter((x, k) => x !== nearest[k]).length;
      console.log(`${type}, ${length} digits (${literals[0]}): ${wrong} of 1000 wrong`);
    }
  }
});
JAVASCRIPT

expected="f32, 6 digits (0xd.cb3bap0): 0 of 1000 wrong
f32, 7 digits (0xa.1532eap0): 225 of 1000 wrong
f32, 12 digits (0xd.3c09a642853p0): 0 of 1000 wrong
f64, 13 digits (0xd.873776bec4b0p0): 0 of 1000 wrong
f64, 14 digits (0xd.2335a547cc2a8p0): 191 of 1000 wrong
f64, 20 digits (0xb.b6e67856f3ce5d81263p0): 0 of 1000 wrong"

found=$(node "$folder/look.cjs")
echo "$found"
if [ "$found" != "$expected" ]; then
    echo "This has changed. It was:"
    echo "$expected"
    exit 1
fi
