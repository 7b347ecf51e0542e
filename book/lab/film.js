// @ts-check
// A run to be shown to others: a card as PNG, and a film as GIF with the pace of nnlib.animation. Two pictures of their
// own are drawn, whatever the page shows, with the light colours.
import { makeChart } from "./chart.js";
import { charts } from "./charts.js";
import { constants } from "./constants.js";
import { svg } from "./curves.js";
import { makeFunctionPanel } from "./function.js";
import { makeGif } from "./gif.js";
import { extent } from "./history.js";
import { linspace } from "./numbers.js";
import { writePicture } from "./picture.js";

const { frames, per_second } = constants.film;
const CARD = { width: 1200, height: 630, tall: 400 }; // of which most places show all
const FILM = { width: 800, height: 400, tall: 230 };

/**
 * The epochs at which a film shows a run: nnlib.animation.choose_epochs.
 * @param {ArrayLike<number>} errors @param {number} [most] of them
 */
export function chooseEpochs(errors, most = frames) {
  const first = Array.from(errors).findIndex((error) => !Number.isFinite(error));
  const last = (first < 0 ? errors.length : first) - 1;
  if (last < 0) throw new Error("there is nothing to show: the run overflows with the initial weights");
  const log = (/** @type {number} */ e) => Math.log(Math.max(errors[e], 2 ** -1022));
  let way = 0;
  const ways = Array.from({ length: last + 1 }, (_, e) => e ? way += Math.abs(log(e) - log(e - 1)) : 0);
  const time = ways.map((gone, e) => e / Math.max(last, 1) + (way ? gone / way : 0));
  const chosen = new Set();
  let e = 0;
  for (const moment of linspace(0, time[last], most + 1).slice(1)) {
    while (e < last && time[e] < moment) e++;
    chosen.add(e);
  }
  return [...chosen];
}

/** What a run was and what it learned, as a picture of any epoch. @param {LabHistory} history @param {typeof CARD} size @param {string[]} [below] lines */
function makeStage(history, { width, height, tall }, below) {
  /** @type {any} */
  const view = { history, kept: null, from: 0, to: extent(history), neuron: null, chosen: null };
  const panels = [makeFunctionPanel(), makeChart(charts.error)];
  for (const { frame } of panels) {
    frame.tall(tall);
    frame.resize((width - 72) / 2);
  }
  const [, { frame }] = panels;
  const veil = svg("rect", { y: 0, width, height, fill: "#fff", opacity: 0.8 }); // over what is still to come
  panels.forEach((panel) => panel.draw(view));
  if (!below) frame.curves.append(veil);
  const canvas = Object.assign(document.createElement("canvas"), { width, height });
  const context = canvas.getContext("2d", { willReadFrequently: true });
  if (!context) throw new Error("the browser lets no picture be drawn");
  const draw = async (/** @type {number} */ epoch) => {
    view.epoch = view.shown = epoch;
    veil.setAttribute("x", (epoch / view.to) * frame.width);
    panels.forEach((panel) => panel.move(view));
    const image = new Image();
    image.src = `data:image/svg+xml,${encodeURIComponent(writePicture(panels, view, below))}`;
    await image.decode();
    context.fillStyle = "#fff";
    context.fillRect(0, 0, width, height);
    context.drawImage(image, 0, 0);
    return context;
  };
  return { canvas, draw };
}

/** A card: two pictures, and some lines below them. @param {LabHistory} history @param {number} epoch @param {string[]} below @returns {Promise<Blob>} */
export async function card(history, epoch, below) {
  const { canvas, draw } = makeStage(history, CARD, below);
  await draw(epoch);
  return new Promise((resolve, reject) =>
    canvas.toBlob((blob) => (blob ? resolve(blob) : reject(new Error("the browser does not make a PNG"))))
  );
}

/** @param {LabHistory} history @param {(part: string) => void} onPart called at each tenth @returns {Promise<Blob>} */
export async function film(history, onPart) {
  const epochs = chooseEpochs(history.train_error.subarray(0, history.count));
  const { draw } = makeStage(history, FILM);
  const { add, end } = makeGif(FILM.width, FILM.height, 100 / per_second);
  for (const [n, epoch] of epochs.entries()) {
    const context = await draw(epoch);
    add(context.getImageData(0, 0, FILM.width, FILM.height).data);
    if (n % Math.ceil(epochs.length / 10) === 0) onPart(`${n} of ${epochs.length} frames`);
  }
  return end();
}
