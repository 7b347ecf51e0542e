#!/usr/bin/env bash
# Library: AssemblyScript 0.28.20.
# What happens: Math.exp, Math.tanh, Math.log and Math.pow of a program compiled to WebAssembly differ
#   from the same functions of JavaScript in the last bit for one value in ten to twenty. Math.sqrt
#   and the arithmetic are the same.
# What one would expect: the last bits too: the source is valid in both languages, and running it as
#   it stands is how one tests it.
# Why it matters: a network that is trained by one source, compiled and not, follows two paths: after
#   some hundred epochs no digit may agree. Either compile everything, or bring an exponential that is
#   written in plain arithmetic.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
(cd "$folder" && npm install --silent --no-audit --no-fund --ignore-scripts assemblyscript@0.28.20)

cat > "$folder/look.cjs" <<'JAVASCRIPT'
const { execFileSync } = require("node:child_process");
const { readFileSync, writeFileSync } = require("node:fs");
const { join } = require("node:path");

const names = ["exp", "tanh", "log", "pow", "sqrt"];
const source = names.map((name) =>
  name === "pow"
    ? "export function pow(x: f64): f64 { return Math.pow(x, 2.7); }"
    : `export function ${name}(x: f64): f64 { return Math.${name}(x); }`,
);
writeFileSync(join(__dirname, "functions.ts"), source.join("\n"));
const compiler = join(__dirname, "node_modules", "assemblyscript", "bin", "asc.js");
const settings = ["--runtime", "stub", "--outFile", "functions.wasm"];
execFileSync(process.execPath, [compiler, "functions.ts", ...settings], { cwd: __dirname });
const program = new WebAssembly.Module(readFileSync(join(__dirname, "functions.wasm")));
const abort = () => { throw new Error("aborted"); };
const { exports: compiled } = new WebAssembly.Instance(program, { env: { abort } });

for (const name of names) {
  const here = (x) => (name === "pow" ? Math.pow(x, 2.7) : Math[name](x));
  let differ = 0;
  let largest = 0;
  for (let i = 1; i <= 10000; i++) {
    const x = i * Math.SQRT2 / 2000;
    const [a, b] = [compiled[name](x), here(x)];
    if (a !== b) differ++;
    largest = Math.max(largest, Math.abs(a / b - 1) || 0);
  }
  const share = differ === 0 ? "none" : differ < 100 ? "fewer than 1 %" : "more than 1 %";
  const size = largest < 4.5e-16 ? "at most two units of the last place" : "more";
  console.log(`${name}: ${share} of 10000 differ${differ ? `, by ${size}` : ""}`);
}
JAVASCRIPT

expected="exp: more than 1 % of 10000 differ, by at most two units of the last place
tanh: more than 1 % of 10000 differ, by at most two units of the last place
log: more than 1 % of 10000 differ, by at most two units of the last place
pow: more than 1 % of 10000 differ, by at most two units of the last place
sqrt: none of 10000 differ"

found=$(node "$folder/look.cjs")
echo "$found"
if [ "$found" != "$expected" ]; then
    echo "This has changed. It was:"
    echo "$expected"
    exit 1
fi
