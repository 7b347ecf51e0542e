// @ts-check
// A run as text that Python reads back: errors and weights under the names of
// nnlib.History.to_dict, every double as it is.

/** The columns, without the epoch. @param {LabHistory} history @returns {[string, Float64Array][]} */
function columns({ test_error, train_error, U, V }) {
  return [
    ["test_error", test_error],
    ["train_error", train_error],
    ...U.flatMap((row, i) => row.map((weight, j) => /** @type {[string, Float64Array]} */ ([`U[${i},${j}]`, weight]))),
    ...V.map((weight, i) => /** @type {[string, Float64Array]} */ ([`V[${i}]`, weight])),
  ];
}

/** The shortest decimal that is the same double; the sign of a zero is kept. @param {number} x */
function double(x) {
  return Object.is(x, -0) ? "-0.0" : String(x);
}

/** JSON has no word for what is not finite; these are strings that Python's float() reads. @param {number} x */
function doubleOrString(x) {
  return Number.isFinite(x) ? double(x) : `"${x}"`;
}

/** Row after row, as far as the run has come. @param {LabHistory} history @returns {Generator<string>} */
export function* csv(history) {
  const all = columns(history);
  yield `epoch,${all.map(([name]) => (name.includes(",") ? `"${name}"` : name)).join(",")}\n`;
  for (let epoch = 0; epoch < history.count; epoch++) {
    yield `${epoch},${all.map(([, values]) => double(values[epoch])).join(",")}\n`;
  }
}

/**
 * What was chosen, the checksum, the lines of Python, and column after column.
 * @param {LabHistory} history @param {string} python @returns {Generator<string>}
 */
export function* json(history, python) {
  const { state, checksum, count } = history;
  yield `{"state": ${JSON.stringify(state)},\n"checksum": ${JSON.stringify(checksum)},\n"python": ${
    JSON.stringify(python)
  },\n`;
  yield `"columns": {\n"epoch": [${Array.from({ length: count }, (_, epoch) => epoch).join(", ")}]`;
  for (const [name, values] of columns(history)) {
    yield `,\n${JSON.stringify(name)}: [`;
    for (let epoch = 0; epoch < count; epoch++) yield (epoch ? ", " : "") + doubleOrString(values[epoch]);
    yield "]";
  }
  yield "\n}}\n";
}

/**
 * Put pieces of text into a file, with pauses, so that the page goes on.
 * @param {Generator<string>} pieces @param {string} type @returns {Promise<Blob>}
 */
export async function file(pieces, type) {
  const texts = [];
  let [text, since] = ["", performance.now()];
  for (const piece of pieces) {
    text += piece;
    if (text.length < 50000) continue;
    texts.push(text);
    text = "";
    if (performance.now() - since < 15) continue;
    await new Promise((resolve) => setTimeout(resolve));
    since = performance.now();
  }
  return new Blob([...texts, text], { type });
}
