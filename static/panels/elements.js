// Elements and numbers, as the panels write them.

const SVG = "http://www.w3.org/2000/svg";
const language = document.documentElement.lang;
const wholes = new Intl.NumberFormat(language);
const exacts = new Intl.NumberFormat(language, { style: "percent", minimumFractionDigits: 2, maximumFractionDigits: 2 });
const percents = new Intl.NumberFormat(language, { style: "percent", maximumFractionDigits: 1 });
const shorts = new Intl.NumberFormat(language, { notation: "compact", maximumSignificantDigits: 3 });
const figures = new Intl.NumberFormat(language, { maximumSignificantDigits: 3 });
const dates = new Intl.DateTimeFormat(language, { dateStyle: "long", timeStyle: "short" });

/** Make an HTML element. What follows the attributes are its children: elements, or texts. */
export function html(name, attributes = {}, ...children) {
  return filled(document.createElement(name), attributes, children);
}

/** Make an SVG element, in the same way. */
export function svg(name, attributes = {}, ...children) {
  return filled(document.createElementNS(SVG, name), attributes, children);
}

function filled(element, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (value === true) element.setAttribute(name, "");
    else if (value !== false && value !== null) element.setAttribute(name, value);
  }
  element.append(...children);
  return element;
}

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

/** Write a moment that a file tells; what is no moment stays as it is. */
export function moment(text) {
  const time = new Date(text);
  return Number.isNaN(time.getTime()) ? text : dates.format(time);
}
