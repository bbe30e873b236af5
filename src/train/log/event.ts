/** One entry of a TensorBoard event file. */
export interface TensorboardEvent {
  /** Seconds since 1970. */
  wallTime: number;
  /** Optimizer steps done. */
  step: number;
  /** `brain.Event:2`, in a file's first event alone. */
  fileVersion?: string;
  /** Values by tag: `train/loss`. */
  scalars?: Record<string, number>;
}

/** Field numbers. @source tensorboard/compat/proto/event.proto and summary.proto */
const EVENT = { wallTime: 1, step: 2, fileVersion: 3, summary: 5 };
const SUMMARY = { value: 1 };
const VALUE = { tag: 1, simpleValue: 2 };

/** Protocol buffers' wire types. */
const VARINT = 0;
const FIXED64 = 1;
const BYTES = 2;
const FIXED32 = 5;

/** An event as a serialized `tensorboard.Event`, byte for byte what Python's protobuf writes. */
export function encodeEvent({ wallTime, step, fileVersion, scalars }: TensorboardEvent): Uint8Array {
  const parts = [key(EVENT.wallTime, FIXED64), double(wallTime)];
  // proto3 leaves out a plain field that is 0.
  if (step !== 0) parts.push(key(EVENT.step, VARINT), varint(step));
  if (fileVersion !== undefined) parts.push(field(EVENT.fileVersion, Buffer.from(fileVersion)));
  if (scalars) {
    const values = Object.entries(scalars).map(([tag, value]) =>
      field(
        SUMMARY.value,
        Buffer.concat([field(VALUE.tag, Buffer.from(tag)), key(VALUE.simpleValue, FIXED32), float(value)]),
      ),
    );
    parts.push(field(EVENT.summary, Buffer.concat(values)));
  }
  return Buffer.concat(parts);
}

/** The step of a serialized event; 0 where it has none. */
export function stepOf(event: Uint8Array): number {
  const view = new DataView(event.buffer, event.byteOffset, event.byteLength);
  let at = 0;
  const readVarint = (): number => {
    let [value, scale] = [0, 1];
    for (; event[at]! >= 0x80; scale *= 128) value += (event[at++]! & 0x7f) * scale;
    return value + event[at++]! * scale;
  };
  while (at < view.byteLength) {
    const tag = readVarint();
    const type = tag & 7;
    if (tag >>> 3 === EVENT.step && type === VARINT) return readVarint();
    if (type === VARINT) readVarint();
    else if (type === FIXED64) at += 8;
    else if (type === FIXED32) at += 4;
    else at = readVarint() + at;
  }
  return 0;
}

function key(number: number, type: number): Uint8Array {
  return Buffer.of((number << 3) | type);
}

function field(number: number, content: Uint8Array): Uint8Array {
  return Buffer.concat([key(number, BYTES), varint(content.length), content]);
}

function varint(value: number): Uint8Array {
  const bytes: number[] = [];
  for (; value >= 0x80; value = Math.floor(value / 128)) bytes.push((value % 128) | 0x80);
  return Buffer.of(...bytes, value);
}

function double(value: number): Uint8Array {
  const bytes = Buffer.alloc(8);
  bytes.writeDoubleLE(value);
  return bytes;
}

function float(value: number): Uint8Array {
  const bytes = Buffer.alloc(4);
  bytes.writeFloatLE(value);
  return bytes;
}
