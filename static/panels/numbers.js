// Numbers and times, as the panels write them in the page's language.

const language = document.documentElement.lang;
const format = (options) => new Intl.NumberFormat(language, options);
const digits = (count) => ({ minimumFractionDigits: count, maximumFractionDigits: count });
const wholes = format();
const exacts = format({ style: "percent", ...digits(2) });
const percents = format({ style: "percent", maximumFractionDigits: 1 });
const shorts = format({ notation: "compact", maximumSignificantDigits: 3 });
const figures = format({ maximumSignificantDigits: 3 });
const decimals = format(digits(2));
const signs = [0, 1, 2].map((count) => format({ signDisplay: "exceptZero", ...digits(count) }));
const dates = new Intl.DateTimeFormat(language, { dateStyle: "long", timeStyle: "short" });

/** Write a whole number: 214,235. */
export const whole = (number) => wholes.format(number);

/** Write a part of 1 as a percentage with two decimals: 99.71 %. */
export const exact = (part) => exacts.format(part);

/** Write a part of 1 as a percentage with a decimal at most: 97 %. */
export const rough = (part) => percents.format(part);

/** Write a large number in short: 3.1 M. */
export const short = (number) => shorts.format(number);

/** Write a figure with three digits: 0.0312. */
export const figure = (number) => figures.format(number);

/** Write a date and time; anything else stays as it is. */
export function moment(text) {
  const time = new Date(text);
  return Number.isNaN(time.getTime()) ? text : dates.format(time);
}

/** Write a value with two decimals: −0.31. The minus is as wide as a plus, and zero has none. */
export function decimal(value) {
  const text = decimals.format(value);
  return (/^-0[.,]0+$/.test(text) ? text.slice(1) : text).replace("-", "−");
}

/** Write a value with its sign and up to two decimals: +1.3. */
export const signed = (value, count = 1) => signs[count].format(value).replace("-", "−");
