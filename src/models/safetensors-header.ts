import { z } from 'zod';
import { contentOf, PYTHON_ZIP } from '../common/content.js';
import { fail } from '../common/errors.js';
import { KeyTwiceError, parseJson } from '../common/parse-json.js';

/** Bytes of one element, for the types that gearnn reads; in the order in which the Python library lays tensors out. */
export const BYTES = { I64: 8, F64: 8, F32: 4, I32: 4, BF16: 2, F16: 2, I8: 1, U8: 1 } as const;

export type Dtype = keyof typeof BYTES;

/** What a file's header says of one tensor. */
export interface TensorEntry {
  name: string;
  dtype: Dtype;
  shape: number[];
  /** Bytes from the end of the header. */
  begin: number;
  end: number;
}

export interface Header {
  /** In the order of the bytes. */
  entries: TensorEntry[];
  /** The free `__metadata__` of the file. */
  metadata: Record<string, string>;
  /** Where the tensors' bytes begin in the file. */
  start: number;
}

/** The Python library's own limit: a longer header is a damaged or hostile file. */
const LONGEST_HEADER = 100_000_000;

const size = z.int().nonnegative();
const entrySchema = z.object({ dtype: z.string(), shape: z.array(size), data_offsets: z.tuple([size, size]) });
const metadataSchema = z.record(z.string(), z.string());

/**
 * Reads and checks the header of a safetensors file: the tensors must cover the bytes after it, each by its own size,
 * with no hole, no overlap and nothing left over.
 *
 * @param where the file, for messages
 * @throws E_SAFETENSORS
 */
export function readHeader(bytes: Uint8Array, where: string): Header {
  const { json, start } = readJson(bytes, where);
  const metadata = metadataSchema.safeParse(json['__metadata__'] ?? {});
  if (!metadata.success) damaged(where, '__metadata__ of names and texts', 'something else');
  const entries = Object.entries(json)
    .filter(([name]) => name !== '__metadata__')
    .map(([name, value]) => readEntry(name, value, where))
    .sort((a, b) => a.begin - b.begin || a.end - b.end);
  let position = 0;
  for (const { name, begin, end } of entries) {
    if (begin !== position) {
      const fault = begin < position ? 'overlap with the tensor before it' : 'a hole before it';
      damaged(where, `tensor ${name} to begin at byte ${position}`, `${begin}, ${fault}`);
    }
    position = end;
  }
  if (start + position !== bytes.length) {
    damaged(where, `a file of ${start + position} bytes, as its header says`, `${bytes.length}`);
  }
  return { entries, metadata: metadata.data, start };
}

function readJson(bytes: Uint8Array, where: string): { json: Record<string, unknown>; start: number } {
  if (bytes.length < 8) refuseOther(bytes, where);
  if (bytes.length < 8) damaged(where, 'at least 8 bytes', `${bytes.length}`);
  const length = new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true);
  if (length > LONGEST_HEADER || 8 + Number(length) > bytes.length) refuseOther(bytes, where);
  if (length > LONGEST_HEADER) damaged(where, `a header of at most ${LONGEST_HEADER} bytes`, `a length of ${length}`);
  const start = 8 + Number(length);
  if (start > bytes.length) damaged(where, `a header of ${length} bytes`, `a file that ends after ${bytes.length}`);
  let json: unknown;
  try {
    json = parseJson(new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes.subarray(8, start)));
  } catch (cause) {
    refuseOther(bytes, where, cause);
    if (cause instanceof KeyTwiceError) damaged(where, 'a header that names each tensor once', cause.message, cause);
    damaged(where, 'a header of JSON in UTF-8', 'other bytes', cause);
  }
  if (json === null || typeof json !== 'object' || Array.isArray(json)) {
    damaged(where, 'a header that is a JSON object', JSON.stringify(json).slice(0, 40));
  }
  return { json: json as Record<string, unknown>, start };
}

function readEntry(name: string, value: unknown, where: string): TensorEntry {
  const parsed = entrySchema.safeParse(value);
  if (!parsed.success) {
    const issue = parsed.error.issues[0]!;
    damaged(where, `tensor ${name} with dtype, shape and data_offsets`, `${issue.path.join('.')}: ${issue.message}`);
  }
  const { dtype, shape, data_offsets } = parsed.data;
  const [begin, end] = data_offsets;
  if (!(dtype in BYTES)) {
    fail('E_SAFETENSORS', {
      where: `${where}: ${name}`,
      expected: `one of the types ${Object.keys(BYTES).join(', ')}`,
      got: dtype,
      todo: 'Convert the tensor to float32 where the file is written.',
    });
  }
  const length = shape.reduce((product, side) => product * side, BYTES[dtype as Dtype]);
  if (end - begin !== length) {
    damaged(where, `${length} bytes for tensor ${name}, ${dtype} [${shape}]`, `bytes ${begin} to ${end}`);
  }
  return { name, dtype: dtype as Dtype, shape, begin, end };
}

/** Names what is known to be something else; anything else is a safetensors file that is damaged. */
function refuseOther(bytes: Uint8Array, where: string, cause?: unknown): void {
  const other = contentOf(bytes);
  if (!other) return;
  const isPython = other.name === PYTHON_ZIP || other.name.startsWith('a pickle');
  const todo = isPython ? 'Convert it with the five lines of Python in docs/models.md.' : other.todo;
  fail('E_SAFETENSORS', {
    where,
    expected: 'a safetensors file',
    got: other.name,
    todo: todo ?? 'Give the file with the weights.',
    cause,
  });
}

function damaged(where: string, expected: string, got: string, cause?: unknown): never {
  fail('E_SAFETENSORS', {
    where,
    expected,
    got,
    todo: 'The file is damaged or no safetensors file: copy or write it again.',
    cause,
  });
}
