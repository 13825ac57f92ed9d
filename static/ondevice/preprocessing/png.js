// Pixels → PNG files, not compressed: the images that an answer shows are small.

const LARGEST = 65_535; // bytes of a stored block

/** Encode grey `values` (height · width) as the data URL of a PNG file. */
export function pngUrl({ values, width, height }) {
  const rows = new Uint8Array((width + 1) * height); // each row begins with the number of its filter: 0 for none
  for (let row = 0; row < height; row++) rows.set(values.subarray(row * width, (row + 1) * width), row * (width + 1) + 1);
  const header = [...word(width), ...word(height), 8, 0, 0, 0, 0]; // 8 bits, grey
  const parts = [
    [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a],
    ...chunk("IHDR", header),
    ...chunk("IDAT", stored(rows)),
    ...chunk("IEND", []),
  ];
  return `data:image/png;base64,${base64(join(parts))}`;
}

/** Write bytes in base64. */
export function base64(bytes) {
  let text = "";
  for (let at = 0; at < bytes.length; at += 8192) text += String.fromCharCode(...bytes.subarray(at, at + 8192));
  return btoa(text);
}

function chunk(kind, content) {
  const named = join([[...kind].map((letter) => letter.charCodeAt(0)), content]);
  return [word(content.length), named, word(crc(named))];
}

/** Put bytes into a zlib stream (RFC 1950) of stored blocks (RFC 1951). */
function stored(bytes) {
  const parts = [[0x78, 0x01]];
  for (let at = 0; at < bytes.length; at += LARGEST) {
    const block = bytes.subarray(at, at + LARGEST);
    const size = [block.length & 255, block.length >> 8];
    parts.push([at + LARGEST >= bytes.length ? 1 : 0, ...size, ...size.map((byte) => byte ^ 255)], block);
  }
  let [low, high] = [1, 0]; // Adler-32
  for (const byte of bytes) {
    low = (low + byte) % 65_521;
    high = (high + low) % 65_521;
  }
  return join([...parts, word(((high << 16) | low) >>> 0)]);
}

const TABLE = Int32Array.from({ length: 256 }, (_, byte) => {
  for (let bit = 0; bit < 8; bit++) byte = byte & 1 ? (byte >>> 1) ^ 0xedb88320 : byte >>> 1;
  return byte;
});

function crc(bytes) {
  let rest = -1;
  for (const byte of bytes) rest = TABLE[(rest ^ byte) & 255] ^ (rest >>> 8);
  return ~rest >>> 0;
}

const word = (value) => [24, 16, 8, 0].map((shift) => (value >>> shift) & 255);

function join(parts) {
  const whole = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
