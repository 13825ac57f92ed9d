// The vote: which network says what, and who disagrees with the majority.

import { html } from "../../elements.js";
import { translate } from "../../i18n.js";

const lists = new Intl.ListFormat(document.documentElement.lang);

/**
 * Count the votes of the networks called `names`; `answers` has those that came so far. Returns the `sides`, the
 * largest first, each with its `label` (null for "no digit") and `names`; the `leader`, or null for a tie; the names
 * `against` the leader; how many answers are `unsure`; their `count`; and whether the image is `blank`.
 */
export function tally(names, answers) {
  const sides = new Map();
  const voters = names.filter((name) => answers.has(name) && !answers.get(name).error);
  for (const name of voters) {
    const { label } = answers.get(name);
    if (!sides.has(label)) sides.set(label, { label, names: [] });
    sides.get(label).names.push(name);
  }
  const sorted = [...sides.values()].sort((one, other) => other.names.length - one.names.length);
  const tied = sorted.length > 1 && sorted[0].names.length === sorted[1].names.length;
  const leader = tied ? null : (sorted[0] ?? null);
  return {
    sides: sorted,
    leader,
    against: new Set(leader ? voters.filter((name) => !leader.names.includes(name)) : []),
    unsure: voters.filter((name) => answers.get(name).verdict === "unsure").length,
    count: voters.length,
    blank: voters.some((name) => answers.get(name).verdict === "blank"),
  };
}

/** Put a tally of `all` networks into words: "6 of 8 say 7; lenet5 says 1". */
export function inWords({ sides, leader, unsure, count, blank }, all) {
  if (!sides.length) return translate("no_answer");
  if (blank) return translate("blank");
  const what = ({ label }) => label ?? translate("vote.none");
  const parts = sides.map((side, place) => {
    const values = { what: what(side), count: side.names.length, all, names: lists.format(side.names) };
    if (place === 0 && count === 1) return translate("vote.alone", { ...values, all });
    if (place === 0 && side.names.length === all) return translate("vote.all", values);
    if (place === 0 || !leader) return translate("vote.some", values);
    return translate(side.names.length === 1 ? "vote.one" : "vote.several", values);
  });
  if (!leader) parts.unshift(translate("vote.tie"));
  if (unsure) parts.push(translate(unsure === 1 ? "vote.unsure_one" : "vote.unsure", { count: unsure }));
  return parts.join(translate("vote.semicolon")) + translate("vote.stop");
}

/** Return the votes as boxes, one for each of `all` networks, ordered by side. */
export function boxes(sides, all) {
  const votes = sides.flatMap(({ label, names }, place) =>
    names.map((_, i) => html("span", { class: `${place ? "other" : "first"} ${i ? "" : "begins"}` }, label ?? "∅")),
  );
  return Array.from({ length: Math.max(all, votes.length) }, (_, i) => votes[i] ?? html("span", { class: "empty" }));
}
