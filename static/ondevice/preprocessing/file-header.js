// The header of an image file: its format and its size, before anything is decoded.

const text = (bytes, from, length) => String.fromCharCode(...bytes.subarray(from, from + length));

/**
 * Return {format, width, height, isProgressive} of a file's `bytes`; null for a format that is not read. The sides are 0
 * where the header is damaged, and for TIFF.
 */
export function headerOf(bytes) {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const format = formatOf(bytes);
  if (!format) return null;
  try {
    return { format, ...SIZES[format](view, bytes) };
  } catch {
    return { format, width: 0, height: 0 }; // it ends within its header: the decoder says so
  }
}

function formatOf(bytes) {
  if (text(bytes, 0, 8) === "\x89PNG\r\n\x1a\n") return "PNG";
  if (text(bytes, 0, 3) === "\xff\xd8\xff") return "JPEG";
  if (/^GIF8[79]a/.test(text(bytes, 0, 6))) return "GIF";
  if (text(bytes, 0, 2) === "BM") return "BMP";
  if (text(bytes, 0, 4) === "RIFF" && text(bytes, 8, 4) === "WEBP") return "WEBP";
  return ["II*\0", "MM\0*", "II+\0"].includes(text(bytes, 0, 4)) ? "TIFF" : null;
}

const SIZES = {
  PNG: (view) => ({ width: view.getUint32(16), height: view.getUint32(20) }),
  GIF: (view) => ({ width: view.getUint16(6, true), height: view.getUint16(8, true) }),
  BMP: (view) => ({ width: Math.abs(view.getInt32(18, true)), height: Math.abs(view.getInt32(22, true)) }),
  TIFF: () => ({ width: 0, height: 0 }),
  JPEG: sizeOfJpeg,
  WEBP: sizeOfWebp,
};

/** Find the start of frame: its marker is 0xc0 to 0xcf, but for three others. */
function sizeOfJpeg(view) {
  for (let at = 2; ; ) {
    const marker = view.getUint16(at) & 0xff;
    if (marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker)) {
      return { width: view.getUint16(at + 7), height: view.getUint16(at + 5), isProgressive: marker % 4 === 2 };
    }
    at += marker === 0xff ? 1 : 2 + view.getUint16(at + 2); // 0xff may be repeated
  }
}

function sizeOfWebp(view, bytes) {
  const kind = text(bytes, 12, 4);
  const short = (at) => view.getUint16(at, true);
  if (kind === "VP8 ") return { width: short(26) & 0x3fff, height: short(28) & 0x3fff };
  if (kind === "VP8L") {
    const bits = view.getUint32(21, true);
    return { width: (bits & 0x3fff) + 1, height: ((bits >>> 14) & 0x3fff) + 1 };
  }
  const three = (at) => short(at) + (bytes[at + 2] << 16);
  return { width: three(24) + 1, height: three(27) + 1 };
}
