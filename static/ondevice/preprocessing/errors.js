// What the server's interface answers where an image cannot be read.

/** An image cannot be read, or there is none. The message says what to do. */
export class InkProblem extends Error {}
