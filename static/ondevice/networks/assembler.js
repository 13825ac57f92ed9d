// A small assembler for WebAssembly: instructions as readable lines → the bytes of a module with one function.
//
// It knows the few instructions that convolution.js needs. Binary format: https://webassembly.github.io/spec/core/binary/

/** Opcodes; those of SIMD are two bytes: the prefix 0xfd and a number, which is above 127 for most. */
const OPCODES = {
  block: [0x02, 0x40], // without a result
  loop: [0x03, 0x40],
  end: [0x0b],
  br_if: [0x0d],
  "local.get": [0x20],
  "local.set": [0x21],
  "local.tee": [0x22],
  "i32.const": [0x41],
  "i32.load": [0x28, 2], // aligned to 2² bytes
  "i32.lt_u": [0x49],
  "i32.add": [0x6a],
  "i32.sub": [0x6b],
  "v128.load": [0xfd, 0x00, 2],
  "v128.load32_splat": [0xfd, 0x09, 2],
  "v128.store": [0xfd, 0x0b, 2],
  "f32x4.splat": [0xfd, 0x13],
  "f32x4.add": [0xfd, 0xe4, 0x01],
  "f32x4.mul": [0xfd, 0xe6, 0x01],
  "f32.const": [0x43],
};
const TYPES = { i32: 0x7f, v128: 0x7b };

/**
 * Assemble a module that imports a memory as "host.memory" and exports one function as "run".
 *
 * `parameters` are the names of its arguments, all i32, and `locals` the names of the variables by type. Each line of
 * `code` is an instruction with what it takes: the name of a variable, a number, or the offset of a load or a store.
 */
export function assemble({ parameters, locals, code }) {
  const groups = Object.entries(locals);
  const names = [...parameters, ...groups.flatMap(([, those]) => those)];
  const variables = groups.map(([type, those]) => [...unsigned(those.length), TYPES[type]]);
  const body = [...vector(variables), ...code.flatMap((line) => instruction(line, names)), ...OPCODES.end];
  return new Uint8Array([
    ...[0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00], // "\0asm", version 1
    ...section(1, [[0x60, ...vector(parameters.map(() => [TYPES.i32])), ...vector([])]]), // the function's type
    ...section(2, [[...text("host"), ...text("memory"), 0x02, 0x00, 0x01]]), // a memory of at least a page
    ...section(3, [[0x00]]), // the function has type 0
    ...section(7, [[...text("run"), 0x00, 0x00]]), // export function 0
    ...section(10, [[...unsigned(body.length), ...body]]),
  ]);
}

function instruction(line, names) {
  const [name, operand] = line.trim().split(/\s+/);
  const opcode = OPCODES[name];
  if (!opcode) throw new Error(`unknown instruction: ${line}`);
  if (name.startsWith("local.")) {
    const index = names.indexOf(operand);
    if (index < 0) throw new Error(`unknown variable: ${line}`);
    return [...opcode, ...unsigned(index)];
  }
  if (name === "i32.const") return [...opcode, ...signed(Number(operand))];
  if (name === "br_if" || /\.(load|store)/.test(name)) return [...opcode, ...unsigned(Number(operand ?? 0))];
  return name === "f32.const" ? [...opcode, 0, 0, 0, 0] : opcode; // only 0 is needed
}

const section = (number, items) => {
  const content = vector(items);
  return [number, ...unsigned(content.length), ...content];
};
const vector = (items) => [...unsigned(items.length), ...items.flat()];
const text = (word) => vector([...word].map((letter) => letter.charCodeAt(0)));

/** LEB128: seven bits a byte, the highest bit says that another one follows. */
function unsigned(value) {
  const bytes = [];
  for (; value > 127; value >>>= 7) bytes.push((value & 127) | 128);
  return [...bytes, value];
}

function signed(value) {
  const bytes = [];
  for (; value < -64 || value > 63; value >>= 7) bytes.push((value & 127) | 128);
  return [...bytes, value & 127];
}
