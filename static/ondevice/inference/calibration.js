// Logits → probabilities.

/** Return log(sum(exp(logits))). */
export function logSumExp(logits) {
  const highest = Math.max(...logits);
  let sum = 0;
  for (const logit of logits) sum += Math.exp(logit - highest);
  return highest + Math.log(sum);
}

/** Return the logarithms of the probabilities of `logits`, divided by `temperature`. */
export function logSoftmax(logits, temperature = 1) {
  const scaled = Array.from(logits, (logit) => logit / temperature);
  const whole = logSumExp(scaled);
  return scaled.map((logit) => logit - whole);
}
