import { inWords, tally } from "../panels/vote/tally.js";

/** Put into words the tally of networks called a, b, c … that answer with these labels. */
export function voteInWords(labels) {
  const names = labels.map((_, i) => "abcde"[i]);
  const answers = new Map(labels.map((label, i) => [names[i], { label, verdict: label ? "sure" : "not-a-digit" }]));
  return inWords(tally(names, answers), names.length);
}
