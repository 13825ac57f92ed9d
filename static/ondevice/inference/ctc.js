// Frames of a line → text: beam search over prefixes, and where in the frames each character is. Graves et al. (2006),
// Hannun et al. (2014); model/inference/ctc.py is the server's counterpart.

const BEAM = 12; // prefixes that are kept
const LEAST = 1e-4; // the probability from which a class is considered at a frame

/**
 * Return the likeliest classes, `text`, and their probability, `confidence`, summed over all ways to spread them over
 * the frames. `logs` are log-probabilities for each frame; the last one of each is the blank's.
 */
export function likeliest(logs) {
  const blank = logs[0].length - 1;
  let beam = [{ text: [], blankEnd: 1, classEnd: 0 }]; // the probabilities that it ends in a blank, or not
  for (const frame of logs) {
    const row = frame.map(Math.exp);
    const likely = [...row.keys()].filter((at) => at < blank && row[at] > LEAST);
    const after = new Map();
    const get = (text) => {
      const key = String.fromCharCode(...text);
      if (!after.has(key)) after.set(key, { text, blankEnd: 0, classEnd: 0 });
      return after.get(key);
    };
    for (const { text, blankEnd, classEnd } of beam) {
      const whole = blankEnd + classEnd;
      const last = text.length ? text.at(-1) : -1;
      const same = get(text);
      same.blankEnd += whole * row[blank];
      same.classEnd += text.length ? classEnd * row[last] : 0;
      for (const at of likely) get([...text, at]).classEnd += (at === last ? blankEnd : whole) * row[at];
    }
    beam = [...after.values()];
    if (beam.length > BEAM) beam = beam.sort((a, b) => sum(b) - sum(a)).slice(0, BEAM);
  }
  const best = beam.reduce((most, each) => (sum(each) > sum(most) ? each : most));
  return { text: best.text, confidence: Math.min(1, sum(best)) };
}

const sum = ({ blankEnd, classEnd }) => blankEnd + classEnd;

/** Return the frames of each character, from one to another, exclusive, on the likeliest way (Viterbi). */
export function align(logs, text) {
  if (!text.length) return [];
  const blank = logs[0].length - 1;
  const states = [blank, ...text.flatMap((character) => [character, blank])];
  // From a character to the next one without a blank, where they differ.
  const jumps = states.map((state, k) => k > 1 && state !== blank && state !== states[k - 2]);
  let best = states.map((state, k) => (k < 2 ? logs[0][state] : -Infinity));
  const steps = [new Int8Array(states.length)];
  for (const frame of logs.slice(1)) {
    const step = new Int8Array(states.length);
    best = states.map((state, k) => {
      const ways = [best[k], k > 0 ? best[k - 1] : -Infinity, jumps[k] ? best[k - 2] : -Infinity];
      step[k] = ways[1] > ways[0] ? (ways[2] > ways[1] ? 2 : 1) : ways[2] > ways[0] ? 2 : 0;
      return ways[step[k]] + frame[state];
    });
    steps.push(step);
  }
  let state = best.at(-1) >= best.at(-2) ? states.length - 1 : states.length - 2;
  const spans = text.map(() => [logs.length, 0]);
  for (let frame = logs.length - 1; frame >= 0; frame--) {
    if (state % 2) {
      const span = spans[state >> 1];
      [span[0], span[1]] = [frame, Math.max(span[1], frame + 1)];
    }
    state -= steps[frame][state];
  }
  return spans;
}
