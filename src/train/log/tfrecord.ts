import { maskedCrc32c } from './crc32c.js';

/** Bytes that a record takes beside its data: length, its checksum, and the data's. */
const HEADER = 12;
const FOOTER = 4;

/**
 * One record: length (8 bytes, little-endian), masked CRC-32C of the length, data, masked CRC-32C of the data.
 *
 * @source tensorflow/core/lib/io/record_writer.h
 */
export function encodeRecord(data: Uint8Array): Uint8Array {
  const record = new Uint8Array(HEADER + data.length + FOOTER);
  const view = new DataView(record.buffer);
  view.setBigUint64(0, BigInt(data.length), true);
  view.setUint32(8, maskedCrc32c(record.subarray(0, 8)), true);
  record.set(data, HEADER);
  view.setUint32(HEADER + data.length, maskedCrc32c(data), true);
  return record;
}

/** The data of each record in turn, with where the record ends; stops before the first one that is cut off or damaged. */
export function* decodeRecords(file: Uint8Array): Generator<{ data: Uint8Array; end: number }> {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  let at = 0;
  while (at + HEADER <= file.length) {
    const length = Number(view.getBigUint64(at, true));
    const end = at + HEADER + length + FOOTER;
    if (view.getUint32(at + 8, true) !== maskedCrc32c(file.subarray(at, at + 8)) || end > file.length) return;
    const data = file.subarray(at + HEADER, at + HEADER + length);
    if (view.getUint32(at + HEADER + length, true) !== maskedCrc32c(data)) return;
    yield { data, end };
    at = end;
  }
}
