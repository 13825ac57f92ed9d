import { tally, told } from "../panels/vote/tally.js";

/** Tell in words what networks called a, b, c … say, whose answers have these labels. */
export function toldOf(labels) {
  const names = labels.map((_, i) => "abcde"[i]);
  const answers = new Map(labels.map((label, i) => [names[i], { label, verdict: label ? "sure" : "not-a-digit" }]));
  return told(tally(names, answers), names.length);
}
