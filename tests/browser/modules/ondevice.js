// Reads vectors of tests/helpers/ondevice_vectors.py with the reader in the browser.

import { InkProblem, OnDevice } from "/static/ondevice/answers.js";
import { readNumber } from "/static/ondevice/inference/numbers.js";

const devices = new Map();

function device(folder, plain) {
  const key = `${folder} ${plain}`;
  if (!devices.has(key)) devices.set(key, new OnDevice(folder, { plain }));
  return devices.get(key);
}

const blobOf = (base64) => new Blob([Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0))]);

/** Read vectors, and describe each as the Python code does. */
export async function readAll(folder, questions, plain = false) {
  const reader = device(folder, plain);
  const answers = [];
  for (const { file, isNumber } of questions) answers.push(await read(reader, blobOf(file), isNumber));
  return answers;
}

async function read(reader, blob, isNumber) {
  try {
    const scan = await reader.scan(blob);
    const recognizer = await reader.reader("digitpad");
    const paper = scan.paper && (await reader.reader("ink")).calibration;
    if (!isNumber) {
      const [reading] = recognizer.read([scan.place()], paper);
      return { answer: reading.label, verdict: reading.verdict, digits: [describe(reading)] };
    }
    const number = await readNumber(scan, { recognizer, line: () => reader.reader("line"), paper });
    const digits = number.lines.flatMap((line) => line.digits);
    return {
      answer: number.text,
      verdict: number.verdict,
      digits: digits.map(({ reading, box }) => ({ ...describe(reading), box })),
      lines: number.lines.map(({ text, verdict, confidence, box }) => [text, verdict, confidence, box]),
    };
  } catch (error) {
    if (error instanceof InkProblem) return { problem: error.message };
    throw error;
  }
}

const describe = ({ seen, logits, probabilities, alternatives }) => ({
  seen: [...seen],
  logits,
  probabilities: [...probabilities.values()],
  alternatives,
});

/** Answer as the server does; of an image that cannot be read, return the sentence. */
export async function answer(folder, address, file) {
  try {
    return await device(folder, false).answer(address, blobOf(file));
  } catch (error) {
    if (error instanceof InkProblem) return error.message;
    throw error;
  }
}
