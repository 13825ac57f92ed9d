// The page's texts, in the language that it was served in.

const language = document.documentElement.lang;
const texts = JSON.parse(document.getElementById("texts").textContent);
const percents = new Intl.NumberFormat(language, {
  style: "percent",
  minimumFractionDigits: 1,
  maximumFractionDigits: 1,
});

/** Return the text called `name`, or `panel.name` of a panel. `values` replace what stands in braces. */
export function translate(name, values = {}) {
  const text = name.split(".").reduce((node, key) => node[key], texts);
  return text.replace(/{(\w+)}/g, (_, key) => values[key] ?? "");
}

export function percent(probability) {
  return probability > 0.9995 ? translate("over", { percent: percents.format(0.999) }) : percents.format(probability);
}

/** Return a digit with its article: "an 8". */
export function aDigit(label, capital = false) {
  const article = language === "en" ? `${label === "8" ? "an" : "a"} ` : "";
  const text = article + label;
  return capital ? text[0].toUpperCase() + text.slice(1) : text;
}

/** Join alternatives: "4 or 9". */
export function either(labels) {
  return labels.join(translate("or"));
}

/** Write an ordinal number: "2nd" in English, "2" in other languages. */
export function ordinal(number) {
  if (language !== "en") return String(number);
  const ending = { one: "st", two: "nd", few: "rd", other: "th" };
  return number + ending[new Intl.PluralRules("en", { type: "ordinal" }).select(number)];
}
