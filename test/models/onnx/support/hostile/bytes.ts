import { Random } from '../../../../../src/common/random.js';
import { VALID, type HostileCase } from './case.js';

/** What broken bytes may lead to: a message that is none, or a network that is none. */
const ANY: HostileCase['codes'] = [
  'E_ONNX_FILE',
  'E_ONNX_EXTERNAL',
  'E_ONNX_GRAPH',
  'E_ONNX_INPUT',
  'E_ONNX_NODE',
  'E_ONNX_OPS',
  'E_ONNX_QUANTIZED',
  'E_ONNX_SIZE',
];

/** Lengths to cut a file to: inside its first and last fields, and anywhere else. */
function cuts(bytes: Uint8Array, count: number): Set<number> {
  const random = Random.of(3, bytes.length);
  const ends = new Set([0, 1, 2, 3, 4, 5, 6, 7, bytes.length - 1, bytes.length - 2, bytes.length - 4]);
  while (ends.size < count) ends.add(random.integer(bytes.length));
  return ends;
}

function flipped(bytes: Uint8Array, at: number, value: (old: number) => number): Uint8Array {
  const copy = Uint8Array.from(bytes);
  copy[at] = value(copy[at]!);
  return copy;
}

function drawnPlaces(bytes: Uint8Array, name: string, count: number): number[] {
  const random = Random.of(5, name, count);
  return Array.from({ length: count }, () => random.integer(bytes.length));
}

/** Valid files that are cut, and whose bytes are changed, taken away, doubled or exchanged. */
export function brokenBytes(): HostileCase[] {
  const cases: HostileCase[] = [];
  const drawn = (kind: string, name: string, bytes: Uint8Array): void =>
    void cases.push({ kind, name, bytes, codes: ANY, mayRun: true });
  for (const [name, { bytes }] of Object.entries(VALID)) {
    for (const end of cuts(bytes, 24))
      cases.push({ kind: 'cut', name: `${name} after ${end} bytes`, bytes: bytes.slice(0, end), codes: ['E_ONNX_FILE'] }); // prettier-ignore
    for (const at of [0, 1, 2, 3, 4, 5, 6, 7]) drawn('header', `${name} byte ${at}`, flipped(bytes, at, (old) => old ^ 0xff)); // prettier-ignore
    for (const at of drawnPlaces(bytes, `${name} bit`, 12))
      drawn(
        'bit',
        `${name} byte ${at}`,
        flipped(bytes, at, (old) => old ^ (1 << (at % 8))),
      );
    for (const at of drawnPlaces(bytes, `${name} varint`, 8))
      drawn(
        'varint',
        `${name} byte ${at} without an end`,
        flipped(bytes, at, (old) => old | 0x80),
      );
    for (const at of drawnPlaces(bytes, `${name} 255`, 4)) {
      const long = Uint8Array.from(bytes).fill(0xff, at, at + 11);
      drawn('varint', `${name} byte ${at} and ten more 255`, long);
    }
    for (const at of drawnPlaces(bytes, `${name} lost`, 4))
      drawn('shifted', `${name} without byte ${at}`, Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + 1)]));
    for (const at of drawnPlaces(bytes, `${name} more`, 4))
      drawn('shifted', `${name} with byte ${at} twice`, Buffer.concat([bytes.subarray(0, at + 1), bytes.subarray(at)]));
    for (const at of drawnPlaces(bytes, `${name} zeros`, 3))
      drawn('zeros', `${name} from byte ${at} on`, Uint8Array.from(bytes).fill(0, at));
  }
  return cases;
}
