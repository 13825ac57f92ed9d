// Numbers as numpy and Python round them.

/** Round to the nearest whole number, and halves to the even one. */
export function roundEven(value) {
  const floor = Math.floor(value);
  const rest = value - floor;
  if (rest !== 0.5) return rest < 0.5 ? floor : floor + 1;
  return floor % 2 === 0 ? floor : floor + 1;
}

/** Return the greatest of `values`, bytes; 0 where there are none. */
export function greatest(values) {
  let most = 0;
  for (let i = 0; i < values.length && most < 255; i++) if (values[i] > most) most = values[i];
  return most;
}
