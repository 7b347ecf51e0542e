// What the scripts of the laboratory hand to one another. An element that is made is `any`, so that each script can
// take it for what it made.
// deno-lint-ignore-file no-explicit-any

/** What is learned: a function, the values of a drawn curve, evenly spaced from -5 to 5, or points. */
type Target = "f1" | "f2" | number[] | Point[];
type Point = [number, number];

type Table = typeof import("./fields.js").TABLE;
/** What is chosen: the keys of the address. */
type State = { [Key in keyof Table]: Table[Key]["usual"] };

/** What can be chosen, a row of the table in fields.js; whoever asks for limits knows that it has them. */
interface Field {
  usual: number | string | Target;
  label: string;
  name: string;
  said: string;
  group?: string;
  least: number;
  most: number;
  integer?: boolean;
  reach?: [number, number];
  unit?: string;
  nearOne?: boolean; // the reach is that of 1 minus it
  meaning?(value: number): string;
  spelled?(value: number): string; // in a list of differences
  about?: Record<string, string>; // what each word means, in a sentence
  goes?: string; // with what else it can be chosen
  wordsIn?(state: Record<string, any>): Record<string, string> | undefined;
  usualIn?(state: Record<string, any>): any;
  mostIn?(state: Record<string, any>): number;
  isNeeded?(state: Record<string, any>): boolean; // by Python, though it is usual
  words?: Record<string, string>;
  seed?: { name: string; said: string; first: string };
  fewest: number;
  longest: number;
  farthest: number;
  mostPoints: number;
}

/** What gradient descent did, epoch by epoch, as far as it has come: `nnlib.History`. */
interface LabHistory {
  state: State;
  h: number;
  epochs: number;
  count: number; // epochs that are there, the first one counted
  test_error: Float64Array;
  train_error: Float64Array;
  U: [Float64Array, Float64Array][];
  V: Float64Array[];
  gradient_norm: Float64Array;
  angle: Float64Array; // radians, between the gradient of an epoch and the one before
  best_epoch: number;
  first_rise: number | null;
  overflow_epoch: number | null;
  checksum: string | null; // null until it is done
  stopped?: boolean; // so that it never will be
  sharpness: { epochs: number[]; values: number[] };
  crossing: number | null | undefined; // the first epoch with a sharpness above 2 / rate
  train_set: { x: Float64Array; y: Float64Array };
}

/** What the build hands to each bundle. */
declare const CONSTANTS: Record<string, any>;
/** The worker's bundle, which is started from its text. */
declare const WORKER: (constants: Record<string, any>) => void;

/** A function of an input, an epoch or a value. */
type Of<T> = (x: number) => T;
/** The place of a picture, with its title, axes, cursor and legend. */
type Frame = ReturnType<typeof import("./frame.js").makeFrame>;

/** A picture that is drawn for a run, and then follows the cursor. */
interface Panel {
  frame: Frame;
  draw(view: View): void;
  move(view: View): void;
  describe?(view: View): string[];
}

/** What became of a run, as `nnlib.outcome` has it. */
type Outcome = "stable" | "oscillation" | "divergence" | "overflow";

interface Verdict {
  outcome: Outcome;
  shaken_until: number | null;
  formula_overflow: number | null;
}

/** A run with one of some seeds. */
interface SeededRun {
  test_error: Float64Array;
  outcome: Outcome;
  stuck: boolean;
}

/** Runs with other seeds, and the quartiles of their test errors once all are there. */
interface Seeded {
  runs: SeededRun[];
  quartiles?: Float64Array[];
}

/** What the worker knows of the loss around a run: nnlib.landscape.valley. */
interface Survey {
  epoch: number;
  valley?: {
    sharpness: number;
    across: Float64Array;
    loss: Float64Array;
    bottom: number;
    way: Float64Array;
    way_loss: Float64Array;
    kept?: { across: number; height: number; loss: number }; // where the kept run is, on the curve, and its own loss
  };
  map?: {
    across: Float64Array;
    along: Float64Array;
    loss: Float64Array[]; // row by row
    way: [Float64Array, Float64Array]; // across and along
    kept: [Float64Array, Float64Array]; // likewise
  };
}

/** A run as the worker has it, packed as `nnlib.network.pack` does: V, then the two columns of U. */
interface Run {
  state: State;
  train_set: { x: Float64Array; y: Float64Array };
  test_set: { x: Float64Array; y: Float64Array };
  weights: Float64Array; // the initial ones
  count: number; // epochs that are there
  rows: Float64Array; // weights, epoch by epoch
  gradients: Float64Array; // likewise
  test_error: Float64Array;
  train_error: Float64Array;
  overflow_epoch: number | null;
}

// --- the panels ---

/** How a curve looks: a role, a colour's name or a colour; a marker of matplotlib; pixels; dashes of SVG. */
interface Look {
  ink: string;
  mark: string;
  width: number;
  dash: string;
}

/** Values over the epochs, or over some of them. */
interface Curve {
  look: Look;
  values: ArrayLike<number>;
  count: number; // how many are there
  at?: number[];
  neuron?: number;
  upper?: Float64Array; // of a band, whose lower edge are the values
}

/** A line of a legend. */
interface Entry {
  name: string;
  symbol?: boolean; // such as U0,1
  look: Look;
  text(epoch: number): string;
  neuron?: number;
  older?(epoch: number): string; // of the run that is kept
}

interface Tick {
  value: number;
  label: string;
}

/** An axis: from 0 at its low end to 1 at its high end. */
interface Scale {
  low: number;
  high: number;
  ticks: Tick[];
  place(v: number): number;
}

interface Extent {
  low: number;
  high: number;
  least: number; // what is not above it has no place on the axis
}

/** What a panel over the epochs shows. */
interface Spec {
  title: string;
  about: string; // what it shows, in plain words
  scale: "log" | "linear";
  fixed?: Scale;
  curves(history: LabHistory): Curve[];
  entries(history: LabHistory, kept: LabHistory | null, seeded?: Seeded | null): Entry[];
  others?(seeded: Seeded): Curve[]; // of other seeds
  points?(history: LabHistory): { look: Look; epoch: number; value: number }[];
  lines?(history: LabHistory): { look: Look; epoch: number }[];
}

/** What all panels show at one time. */
interface View {
  history: LabHistory;
  kept: LabHistory | null;
  seeded: Seeded | null;
  from: number;
  to: number;
  epoch: number; // where the cursor is to be
  shown: number; // where it is, as far as the run has come
  neuron: number | null; // the one that stands out
  chosen: number | null; // the one that does so while the pointer is elsewhere
}
