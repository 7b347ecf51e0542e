// @ts-check
// The valley that a run stands in, and the map of the loss around it, as nnlib.landscape.valley has them. As with the
// sharpness, the last bits are free.
import { constants } from "./constants.js";
import { derivativesOf, dot, eigenvector, largestEigenvalue } from "./curvature.js";

const { steps, way: long, points, columns, rows: lines, least, room, ahead } = constants.valley;

/** The loss that is descended, which has the penalty. @param {Float64Array} weights @param {Run} run */
function lossAt(weights, { state: { h, penalty }, train_set: { x, y } }) {
  const e = y.map((wanted) => weights[h - 1] - wanted);
  for (let i = 0; i < h - 1; i++) {
    const v = weights[i], u0 = weights[h + i], u1 = weights[2 * h - 1 + i];
    for (let k = 0; k < e.length; k++) e[k] += v / (1 + Math.exp(-(u0 * x[k] + u1)));
  }
  return (dot(e, e) / e.length + penalty * dot(weights, weights)) / 2;
}

/** The least of 1, 2, 5, 10, … that is not below it. @param {number} x */
function roundUp(x) {
  const power = 10 ** Math.floor(Math.log10(x));
  return power * ([1, 2, 5].find((n) => n * power >= x * (1 - 1e-9)) ?? 10);
}

/** @param {number} n @param {Of<number>} value */
const series = (n, value) => Float64Array.from({ length: n }, (_, k) => value(k));

/**
 * Send the valley after an epoch, and then the map; nothing but the epoch where there is none. In both is where a
 * kept run was, by its weights on the way to that epoch.
 * @param {Run} run @param {{epoch: number, kept: Float64Array[]}} given @param {(answer: any) => void} send
 */
export function* survey(run, { epoch, kept }, send) {
  const { state: { h, penalty }, rows, train_set } = run;
  const at = (/** @type {number} */ epoch) => rows.subarray(epoch * (3 * h - 2), (epoch + 1) * (3 * h - 2));
  const here = at(epoch);
  const { hessian, gradient } = derivativesOf(here, h, train_set);
  const bend = largestEigenvalue(hessian.map((row) => row.slice())), sharpness = bend + penalty;
  if (!(sharpness < Infinity)) return send({ epoch });
  yield;
  let sharpest = eigenvector(hessian, bend, hessian[h - 1]);
  if (sharpest[h - 1] < 0) sharpest = sharpest.map((part) => -part);
  const g = gradient().map((part, i) => part + penalty * here[i]);
  const ball = dot(g, sharpest) / sharpness;

  /** Weights as seen from here. @param {Float64Array} direction @param {Float64Array} weights */
  const seen = (direction, weights) => dot(weights.map((weight, i) => weight - here[i]), direction);
  /** Where the run was lately. @param {number} count @param {Float64Array} direction */
  const project = (count, direction) =>
    series(Math.min(count, epoch) + 1, (k) => seen(direction, at(Math.max(0, epoch - count) + k)));
  const across = (/** @type {number} */ count) => project(count, sharpest).map((place) => place + ball);
  const half = (/** @type {Float64Array} */ way) => roundUp(Math.max(least, room * Math.max(...way.map(Math.abs))));
  /** To both sides. @param {number} wide @param {number} n */
  const spread = (wide, n) => series(n, (k) => wide * (k / (n >> 1) - 1));

  let travel = epoch ? at(Math.max(0, epoch - long)).map((weight, i) => here[i] - weight) : g.map((part) => -part);
  const aside = dot(travel, sharpest);
  travel = travel.map((part, i) => part - aside * sharpest[i]);
  const length = Math.sqrt(dot(travel, travel));
  travel = travel.map((part) => part / length);
  /** @param {Float64Array} places across @param {number} [forth] along */
  function* losses(places, forth = 0) {
    const found = new Float64Array(places.length);
    for (let n = 0; n < places.length; n++) {
      const place = here.map((weight, i) => weight + (places[n] - ball) * sharpest[i] + forth * travel[i]);
      found[n] = lossAt(place, run);
      yield;
    }
    return found;
  }

  const way = across(steps), places = spread(half(way), points);
  const loss = yield* losses(places), way_loss = yield* losses(way);
  const bottom = way_loss[way_loss.length - 1] - (sharpness / 2) * ball * ball;
  if (![...loss, ...way_loss].every(Number.isFinite)) return send({ epoch });
  const other = kept.at(-1);
  const there = Float64Array.from(other ? [seen(sharpest, other) + ball] : []), [height] = yield* losses(there);
  const its = other && { across: there[0], height, loss: lossAt(other, run) };
  send({ epoch, valley: { sharpness, across: places, loss, bottom, way, way_loss, kept: its } });

  const wide = across(long), along = project(long, travel);
  const reach = half(wide), back = epoch ? roundUp(-Math.min(...along)) : reach;
  const map = {
    across: spread(reach, columns),
    along: series(lines, (k) => back * ((k / (lines - 1)) * (1 + ahead) - 1)),
    way: [wide, along],
    kept: [
      series(kept.length, (k) => seen(sharpest, kept[k]) + ball),
      series(kept.length, (k) => seen(travel, kept[k])),
    ],
    loss: /** @type {Float64Array[]} */ ([]),
  };
  for (const forth of map.along) map.loss.push(yield* losses(map.across, forth));
  send({ epoch, map });
}
