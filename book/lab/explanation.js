// @ts-check
// What became of a run and why, with its numbers, and what would mend it.
"use strict";
(function (lab) {
  const ZIGZAG = 10; // turns in succession, as in nnlib.report.measures: by chance once in 1024 times
  const SAFE = 1.8; // of the 2 that the rate times the sharpness must not exceed

  /** Whether, after the best epoch, some weight turns back again and again. @param {LabHistory} history */
  function oscillates(history) {
    return [...history.U.flat(), ...history.V].some((weight) => {
      let succession = 0;
      for (let epoch = history.best_epoch + 2; epoch < history.count; epoch++) {
        const turns = (weight[epoch] - weight[epoch - 1]) * (weight[epoch - 1] - weight[epoch - 2]) < 0;
        succession = turns ? succession + 1 : 0;
        if (succession > ZIGZAG) return true;
      }
      return false;
    });
  }

  /** What is known of the sharpness up to an epoch. @param {LabHistory} history @param {number} until */
  function known({ sharpness: { epochs, values } }, until) {
    return epochs
      .map((epoch, i) => ({ epoch, value: values[i] }))
      .filter(({ epoch, value }) => epoch <= until && Number.isFinite(value));
  }

  /** The largest of them. @param {{epoch: number, value: number}[]} points */
  function largest(points) {
    return points.reduce((most, point) => (point.value > most.value ? point : most), { epoch: 0, value: -Infinity });
  }

  /**
   * What became of a run. Nothing, as long as it goes on and nothing has happened.
   * @param {LabHistory} history @returns {{text: string, action?: {label: string, state: State}} | null}
   */
  function explain(history) {
    const { number } = lab.words;
    const { overflow_epoch, checksum, test_error, epochs } = history;
    if (overflow_epoch !== null) {
      return explainDivergence(
        history,
        `The run overflows at epoch ${overflow_epoch}: from there on there are no numbers.`,
      );
    }
    if (checksum === null) return null;
    const [first, last] = [test_error[0], test_error[epochs]];
    if (last > first) {
      return explainDivergence(
        history,
        `The run diverges: its error is ${number(first)} at the beginning and ${number(last)} at the end.`,
      );
    }
    return oscillates(history) ? explainOscillation(history) : explainCalm(history);
  }

  /** @param {LabHistory} history @param {string} what has happened */
  function explainDivergence(history, what) {
    const { number } = lab.words;
    const [first] = known(history, 0);
    const ratio = (history.state.rate * first?.value) / 2;
    if (!(ratio > 1)) return explainLater(history, [what, ...tellCrossing(history, history.best_epoch)]);
    const limit = `2 / sharpness at epoch 0, which is 2 / ${number(first.value)} = ${number(2 / first.value)}`;
    const text = `${what} The rate ${number(history.state.rate)} is ${
      number(ratio)
    } times ${limit}. So the first step is too long already: in the steepest direction it ends farther from the bottom of the valley than it began.`;
    return { text, action: slower(history, first) };
  }

  /** @param {LabHistory} history */
  function explainOscillation(history) {
    const { number } = lab.words;
    const { best_epoch, test_error, epochs } = history;
    const [lowest, last] = [test_error[best_epoch], test_error[epochs]];
    return explainLater(history, [
      "The run oscillates.",
      ...tellCrossing(history, best_epoch),
      `The error is lowest at epoch ${best_epoch}, ${number(lowest)}; at the end it is ${number(last)}, ${
        number(last / lowest)
      } times as high.`,
    ]);
  }

  /** With a rate that would have been small enough up to the best epoch. @param {LabHistory} history @param {string[]} sentences */
  function explainLater(history, sentences) {
    const text = sentences.join(" ");
    if (history.crossing === undefined) return { text }; // there is more to come
    return { text, action: slower(history, largest(known(history, history.best_epoch))) };
  }

  /** @param {LabHistory} history */
  function explainCalm(history) {
    const { number } = lab.words;
    const { first_rise, best_epoch, test_error, train_error, epochs, state, crossing } = history;
    const last = number(test_error[epochs]);
    if (best_epoch < epochs && train_error[epochs] < train_error[best_epoch]) {
      const text = `The test error is lowest at epoch ${best_epoch}, ${
        number(test_error[best_epoch])
      }, and ends at ${last}, while the training error goes on falling: the network learns what only its samples have. That is overfitting.`;
      return { text };
    }
    const points = known(history, epochs);
    if (typeof crossing === "number" && points.length) {
      const text = [...tellCrossing(history, epochs), `The error ends at ${last}.`].join(" ");
      const longer = Math.min(2 * epochs, lab.address.LIMITS.epochs.most);
      if (points[points.length - 1].value <= 2 / state.rate || longer === epochs) return { text };
      const action = { label: `Train for ${longer} epochs`, state: { ...state, epochs: longer, epoch: longer } };
      return { text: `${text} Nothing of it is to be seen yet.`, action };
    }
    const calm = first_rise === null
      ? `The error falls at every epoch and ends at ${last}.`
      : `The run does not oscillate; its error ends at ${last}.`;
    if (crossing === undefined || !points.length) return { text: calm };
    const [most, limit] = [largest(points).value, 2 / state.rate].map(number);
    return {
      text:
        `${calm} The sharpness is ${most} at most and stays below 2 / rate = ${limit}, so that no step is too long.`,
    };
  }

  /** When the steps became too long, and when it showed. @param {LabHistory} history @param {number} until @returns {string[]} */
  function tellCrossing(history, until) {
    const { number } = lab.words;
    const { crossing, first_rise, state } = history;
    if (crossing === undefined) return [];
    const limit = 2 / state.rate;
    if (crossing === null) return [`At no epoch looked at is the sharpness above 2 / rate = ${number(limit)}.`];
    if (crossing === 0) {
      return [
        `The sharpness is above 2 / rate = ${
          number(limit)
        } from the beginning, so that it begins with steps that are too long.`,
      ];
    }
    const begins = `At epoch ${crossing} the sharpness passed 2 / rate = ${number(limit)}`;
    const points = known(history, until).filter(({ epoch }) => epoch > crossing);
    const lastBelow = points.findLastIndex(({ value }) => value <= limit);
    const grows =
      "every step ends farther across the valley than it began, and a zigzag grows, at first too small to be seen";
    if (lastBelow >= 0 && lastBelow === points.length - 1) return [`${begins}, but it came back.`];
    if (lastBelow >= 0) {
      return [
        `${begins} and came back; about epoch ${
          points[lastBelow + 1].epoch
        } it passed it again. While it is above, ${grows}.`,
      ];
    }
    const shows = first_rise !== null && first_rise > crossing;
    return [
      `${begins}: from then on ${grows}.`,
      ...(shows ? [`It shows after epoch ${first_rise}, when the error rises for the first time.`] : []),
    ];
  }

  /**
   * A rate that is small enough for a sharpness, if it is smaller than the present one.
   * @param {LabHistory} history @param {{epoch: number, value: number}} found
   */
  function slower({ state }, { epoch, value }) {
    const { least } = lab.address.LIMITS.rate;
    const rate = Math.max(Number((SAFE / value).toPrecision(3)), least);
    if (!(value > 0 && rate < state.rate)) return undefined;
    return {
      label: `Set the rate to ${rate}, which is ${SAFE} / sharpness at epoch ${epoch}`,
      state: { ...state, rate },
    };
  }

  lab.explain = explain;
})(globalThis.lab ??= {});
