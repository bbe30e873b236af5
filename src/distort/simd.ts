/** What the module of {@link openSimd} does with its memory; places and sizes are in bytes. */
export interface Simd {
  memory: WebAssembly.Memory;
  /**
   * Adds to each of the 32-bit numbers from `sums` to `end` the numbers that lie as far from `values`, each `at` bytes on times `weight`, for
   * all pairs `(at, weight)` from `taps` to `tapsEnd`. `end - sums` is a multiple of 64.
   */
  addTaps(sums: number, end: number, values: number, taps: number, tapsEnd: number): void;
  /** Sums of the numbers at `a` and `b`, from `target` to `end`: a multiple of 16 bytes. */
  addRows(target: number, end: number, a: number, b: number): void;
}

// Opcodes and types. @source WebAssembly core specification 2.0, section 5, binary format
const [I32, V128] = [0x7f, 0x7b];
const [LOOP, EMPTY, END, BRANCH_IF] = [0x03, 0x40, 0x0b, 0x0d];
const [GET, SET] = [0x20, 0x21];
const [I32_LOAD, I32_CONST, I32_LESS, I32_ADD] = [0x28, 0x41, 0x49, 0x6a];
const VECTOR = 0xfd;
const [LOAD, LOAD_SPLAT, STORE, ADD, MULTIPLY] = [[0], [9], [0x0b], [0xae, 0x01], [0xb5, 0x01]] as const;

type Code = readonly number[];

const get = (local: number): Code => [GET, local];
const set = (local: number, ...value: Code[]): Code => [...value.flat(), SET, local];
/** Alignment of 4 bytes, as far as it is promised. */
const load = (address: Code, offset = 0): Code => [...address, VECTOR, ...LOAD, 2, offset];
const store = (address: Code, offset: number, value: Code): Code => [...address, ...value, VECTOR, ...STORE, 2, offset];
const add = (a: Code, b: Code): Code => [...a, ...b, VECTOR, ...ADD];
const multiply = (a: Code, b: Code): Code => [...a, ...b, VECTOR, ...MULTIPLY];
/** `bytes` in signed LEB128. */
const advance = (local: number, bytes: number): Code =>
  set(local, get(local), [I32_CONST, ...(bytes < 64 ? [bytes] : [bytes | 0x80, 0])], [I32_ADD]);
/** Repeats `body` while one local is less than another. */
const loop = (body: Code[], local: number, end: number): Code => [
  ...[LOOP, EMPTY, ...body.flat()],
  ...[...get(local), ...get(end), I32_LESS, BRANCH_IF, 0, END],
];

const BLOCK = [0, 1, 2, 3];

function addTaps(): { locals: Code; body: Code } {
  const [sums, end, values, taps, tapsEnd, tap, from, weight, first] = [0, 1, 2, 3, 4, 5, 6, 7, 8];
  const each = loop(
    [
      set(from, get(values), get(tap), [I32_LOAD, 2, 0], [I32_ADD]),
      set(weight, get(tap), [VECTOR, ...LOAD_SPLAT, 2, 4]),
      ...BLOCK.map((i) => set(first + i, add(get(first + i), multiply(load(get(from), 16 * i), get(weight))))),
      advance(tap, 8),
    ],
    tap,
    tapsEnd,
  );
  const blocks = loop(
    [
      ...BLOCK.map((i) => set(first + i, load(get(sums), 16 * i))),
      set(tap, get(taps)),
      each,
      ...BLOCK.map((i) => store(get(sums), 16 * i, get(first + i))),
      advance(sums, 64),
      advance(values, 64),
    ],
    sums,
    end,
  );
  return { locals: [2, 2, I32, 5, V128], body: blocks };
}

function addRows(): { locals: Code; body: Code } {
  const [target, end, a, b] = [0, 1, 2, 3];
  const sum = store(get(target), 0, add(load(get(a)), load(get(b))));
  return { locals: [0], body: loop([sum, ...[target, a, b].map((local) => advance(local, 16))], target, end) };
}

function moduleBytes(): Uint8Array<ArrayBuffer> {
  const number = (value: number): Code => (value < 128 ? [value] : [(value & 127) | 128, ...number(value >> 7)]);
  const sized = (content: Code): Code => [...number(content.length), ...content];
  const list = (...items: Code[]): Code => [...number(items.length), ...items.flat()];
  const name = (text: string): Code => sized([...text].map((letter) => letter.charCodeAt(0)));
  const section = (id: number, content: Code): Code => [id, ...sized(content)];
  const signature = (count: number): Code => [0x60, count, ...Array<number>(count).fill(I32), 0];
  const functions = [addTaps(), addRows()].map(({ locals, body }) => sized([...locals, ...body, END]));
  return Uint8Array.from([
    ...[0, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...section(1, list(signature(5), signature(4))),
    ...section(3, list([0], [1])),
    ...section(5, list([0, 1])),
    ...section(7, list([...name('memory'), 2, 0], [...name('addTaps'), 0, 0], [...name('addRows'), 0, 1])),
    ...section(10, list(...functions)),
  ]);
}

let opened: Simd | null | undefined;

/**
 * Sums of whole numbers, four in an instruction; like JavaScript's `| 0` they wrap around at 32 bits. One for each thread, which holds what
 * its callers leave in the memory; null where the processor has no instructions for it, or this Node.js no WebAssembly.
 */
export function openSimd(): Simd | null {
  if (opened === undefined) {
    const bytes = moduleBytes();
    const runs = typeof WebAssembly === 'object' && WebAssembly.validate(bytes);
    opened = runs ? (new WebAssembly.Instance(new WebAssembly.Module(bytes)).exports as unknown as Simd) : null;
  }
  return opened;
}
