// What the scripts of the laboratory hand to one another. An element that is made is `any`, so that each script can
// take it for what it made.
// deno-lint-ignore-file no-explicit-any

/** What is chosen: the keys of the address. */
interface State {
  f: "f1" | "f2" | number[]; // or the values of a drawn curve, evenly spaced from -5 to 5
  h: number; // hidden neurons, the bias unit counted
  rate: number;
  epochs: number;
  samples: number;
  noise: number; // standard deviation, on the values of the samples
  data: string; // "standard" or a seed
  weights: string; // "standard" or a seed
  scale: number; // of the initial weights
  order: string; // "drawn" or a seed
  epoch: number; // where the cursor is
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

/** What a choice is, and what it may be: a number, or a word or a seed. */
interface Limit {
  label: string;
  least?: number;
  most?: number;
  integer?: boolean;
  unit?: string;
  word?: string;
}

// What the scripts give one another. Each adds to it; together they are all of it.
// deno-lint-ignore no-var
declare var lab: Lab;

/** A function of an input, an epoch or a value. */
type Of<T> = (x: number) => T;
/** Of a dataset. */
interface Samples {
  x: Float64Array;
  y: Float64Array;
}
/** A part of the form. */
interface Field<T> {
  element: HTMLElement;
  show(value: T): void;
}
interface Callbacks {
  onEpoch?(epoch: number): void;
  onZoom?(from: number, to: number): void;
}
type Path = (
  values: ArrayLike<number>,
  count: number,
  from: number,
  to: number,
  width: number,
  y: Of<number>,
) => string;

interface Lab {
  constants: Record<string, any>; // by book/_extensions/laboratory.py

  // what trains
  rint: Of<number>;
  exp: Of<number>;
  sin: Of<number>;
  f1: Of<number>;
  f2: Of<number>;
  linspace(from: number, to: number, n: number): Float64Array;
  interp(x: number, xs: ArrayLike<number>, ys: ArrayLike<number>): number;
  target(f: State["f"]): Of<number>;
  sigmoid: Of<number>;
  sigmoidTable(): Float64Array;
  ziggurat: Record<string, any>;
  default_rng(seed: bigint): any;
  checksum(): { add(values: Float64Array): void; hexdigest(): string };
  startingPoint(state: State): { train_set: Samples; test_set: Samples; weights: Float64Array };
  prepare(state: State): Run;
  descend(run: Run): Generator<number, void>;
  checksumOf(run: Run): Generator<number, string>;
  sharpness(run: Run, epoch: number): number;
  sharpnesses(run: Run): Generator<{ epoch: number; value: number }, number | null>;
  history: {
    pack(run: Run, from: number): Float64Array;
    begin(state: State, train_set: Samples): LabHistory;
    unpack(history: LabHistory, piece: { from: number; count: number; packed: Float64Array }): void;
    finish(history: LabHistory, checksum: string): void;
    sharpen(history: LabHistory, found: { epoch: number; value: number }[]): void;
  };
  trainer(on: Record<string, (what: any) => void>): { run(state: State): void; stop(): void };

  // what is chosen
  address: {
    DEFAULT: State;
    LIMITS: Record<string, Required<Limit>>; // whoever asks knows what it has
    KNOTS: { least: number; most: number };
    SEEDS: string;
    read(hash: string): { state: State; messages: string[] };
    write(state: State): string;
    parse(key: string, given: string, epochs?: number): { value: any; valid: boolean };
    allowed(key: string, epochs?: number): string;
    quote(text: string): string;
    resample(values: number[], knots: number): number[];
  };
  controls(
    root: HTMLElement,
    on: { onChange(state: State): void },
  ): { show(state: State): void; moveTo(epoch: number): void };
  numberField(
    key: string,
    name: string,
    rungs: number[],
    onValue: (value: number) => void,
    explain?: Of<string>,
  ): Field<number>;
  seedField(
    key: string,
    name: string,
    words: { usual: string; other: string; first: string },
    onValue: (value: string) => void,
  ): Field<string>;
  ladder(least: number, most: number, whole?: boolean): number[];
  drawing(
    root: HTMLElement,
    on: { onChange(values: number[]): void },
  ): { show(values: number[]): void; sample(name: "f1" | "f2" | "a straight line"): number[] };

  // what is said
  words: {
    explain(history: LabHistory): Explanation | null;
    differences(now: State, before: State): string;
    summary(history: LabHistory, epoch: number): string;
    number: Of<string>;
  };
  explain(history: LabHistory): Explanation | null;
  measures: {
    SEEN: number;
    rises(error: Float64Array): { count: number; ratio: number; at: number };
    judge(history: LabHistory): {
      outcome: Outcome;
      shaken_until: number | null;
      formula_overflow: number | null;
    };
    known(history: LabHistory, until: number): { epoch: number; value: number }[];
    largest(points: { epoch: number; value: number }[]): { epoch: number; value: number };
  };
  tour?: { follow(state: State): void };
  compare(
    root: HTMLElement,
    on: { onChange(): void },
  ): { show(history: LabHistory): void; readonly kept: LabHistory | null };
  takeAway(
    root: HTMLElement,
    from: { picture(): string },
  ): { show(history: LabHistory, state: State): void; moveTo(state: State): void };
  python(state: State): string;
  table: {
    csv(history: LabHistory): Generator<string>;
    json(history: LabHistory, python: string): Generator<string>;
    file(pieces: Generator<string>, type: string): Promise<Blob>;
  };
  progress(
    root: HTMLElement,
    on: { onStop(): void },
  ): { begin(): void; show(history: LabHistory): void; end(): void };

  // what is drawn
  make(tag: string, attributes?: Record<string, any>, ...inside: (Node | string)[]): any;
  button(text: string, onclick: () => void): any;
  unique(name: string): string;
  withNextFrame(what: () => void): () => void;
  afterNextFrame(what: () => void): () => void;
  atOnce(what: () => void): () => void;
  say(element: Element, text: string): void;
  svg(tag: string, attributes?: Record<string, string | number>, ...inside: Node[]): any;
  set(element: Element, attributes: Record<string, string | number>): void;
  fill(group: Element, tag: string, all: Record<string, string | number>[]): any[];
  ink(element: any, what: string): any;
  look(i: number, h: number): Look;
  mark(name: string, size: number): SVGElement;
  path: Path;
  sparse(
    at: number[],
    values: ArrayLike<number>,
    from: number,
    to: number,
    width: number,
    y: Of<number>,
  ): string;
  unit(x: number, y: number, size: number, label: string, color: string, bias: boolean): any;
  number(v: number, fixed?: boolean): string;
  minus(digits: string): string;
  scales: {
    linear(low: number, high: number, most?: number): Scale;
    logarithmic(low: number, high: number): Scale;
    symlog(low: number, high: number): Scale;
    forWeights(low: number, high: number): Scale;
    marks(low: number, high: number, most: number): Tick[];
    HUGE: number;
  };
  fit(
    spec: Pick<Spec, "scale" | "fixed">,
    curves: Pick<Curve, "values" | "at" | "count">[],
    range: { from: number; to: number },
  ): { y: Scale; left_out: string };
  latest(epochs: number[], epoch: number): number;
  extent(history: LabHistory): number;
  contributions(history: LabHistory, epoch: number): Of<number>[];
  sum(all: Of<number>[]): Of<number>;
  graph(width: number, y: Of<number>): string;
  frame(title: string, corner?: string, about?: string): Frame;
  legend(list: HTMLElement): Legend;
  named(entry: Pick<Entry, "name" | "symbol">): (Node | string)[];
  parts(entry: Pick<Entry, "name" | "symbol">): [string, string][];
  sample(look: Look): any;
  reading(frame: Frame, onChange: () => void): any;
  put(dot: Element, x: number, y: number, frame: { top: number; height: number }): void;
  dim(elements: Element[], of: { neuron?: number }[], neuron: number | null): void;
  charts: Record<string, Spec>;
  chart(spec: Spec): Panel;
  functionPanel(): Panel;
  networkPanel(on: { onNeuron(neuron: number | null, chosen?: boolean): void }): Panel;
  panels(
    root: HTMLElement,
    options: Callbacks & { only?: string[] },
  ): {
    show(history: LabHistory, kept?: LabHistory | null, changed?: string[]): void;
    moveTo(epoch: number): void;
    zoom(from: number, to: number): void;
    svg(): string;
  };
  picture(panels: Panel[], view: View): string;
  valuesTable(panels: Panel[]): { element: HTMLElement; show(view: View): void };

  // what moves the cursor
  step(event: KeyboardEvent): number | undefined;
  player(
    root: HTMLElement,
    options: Callbacks & { compact?: boolean },
  ): {
    show(history: LabHistory): void;
    moveTo(epoch: number): void;
    zoom(from: number, to: number): void;
    play(): void;
    pause(): void;
  };
  pace(): any;
  clock(options: any): any;
  jumps(go: (epoch: number) => void): { element: HTMLElement; show(history: LabHistory): void };
  overview(on: Required<Callbacks>): any;
  dragCursor(frame: Frame, view: View, on: Required<Pick<Callbacks, "onEpoch">> & Callbacks): void;
  pointAt(frame: Frame, onShare: (share: number) => void): void;
  around(epoch: number, range: { from: number; to: number }, times: number, most: number): [number, number];
  toys: Record<string, (root: HTMLElement, data: any) => void>;
}

/** The place of a picture, with its title, axes, cursor and legend. */
interface Frame {
  figure: any;
  caption: any;
  plot: any;
  picture: any;
  curves: any;
  cursor: any;
  legend: any;
  title: string;
  note: any;
  width: number; // of the plot between its edges, in pixels
  height: number;
  left: number;
  top: number;
  resize(width: number): void;
  axes(x: Scale, y: Scale): void;
  y(scale: Scale): Of<number>;
  legends: Legend;
}

interface Legend {
  show(entries: Entry[]): void;
  move(epoch: number): void;
  read(epoch: number): (Entry & { value: string })[];
  items(): HTMLElement[];
}

/** A picture that is drawn for a run, and then follows the cursor. */
interface Panel {
  frame: Frame;
  draw(view: View): void;
  move(view: View): void;
  describe?(view: View): string[];
}

/** What became of a run, as `nnlib.outcome` has it. */
type Outcome = "stable" | "oscillation" | "divergence" | "overflow";

/** What became of a run, and what would mend it. */
interface Explanation {
  text: string;
  action?: { label: string; state: State };
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
  entries(history: LabHistory, kept: LabHistory | null): Entry[];
  points?(history: LabHistory): { look: Look; epoch: number; value: number }[];
  lines?(history: LabHistory): { look: Look; epoch: number }[];
}

/** What all panels show at one time. */
interface View {
  history: LabHistory;
  kept: LabHistory | null;
  from: number;
  to: number;
  epoch: number; // where the cursor is to be
  shown: number; // where it is, as far as the run has come
  neuron: number | null; // the one that stands out
  chosen: number | null; // the one that does so while the pointer is elsewhere
}
