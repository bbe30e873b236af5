import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { crc32, deflateRawSync } from 'node:zlib';

export interface FakeWheel {
  /** `tensorflow_cpu` unless said. */
  project?: string;
  version?: string;
  /** Platform tag; this machine's unless said. */
  tag?: string;
  /** `Requires-Dist` lines. */
  requires?: string[];
  /** Path -> content, beside the dist-info; the two libraries and a header unless said. */
  files?: Record<string, string>;
  /** Paths whose hash in RECORD is another one. */
  misrecorded?: string[];
}

/** The tag of a wheel that this machine runs. */
export const TAG =
  process.platform === 'darwin'
    ? 'macosx_12_0_arm64'
    : `manylinux_2_27_${process.arch === 'arm64' ? 'aarch64' : 'x86_64'}`;

/** Names of TensorFlow's libraries on this machine. */
export const LIBRARIES =
  process.platform === 'darwin'
    ? ['libtensorflow_cc.2.dylib', 'libtensorflow_framework.2.dylib']
    : ['libtensorflow_cc.so.2', 'libtensorflow_framework.so.2'];

/** The project that `gearnn engine install` asks pip for on this machine. */
export const PROJECT = process.platform === 'linux' && process.arch === 'x64' ? 'tensorflow-cpu' : 'tensorflow';

export const WHEEL_FILES: Record<string, string> = {
  [`tensorflow/${LIBRARIES[0]}`]: 'the large library '.repeat(100),
  [`tensorflow/${LIBRARIES[1]}`]: 'the small library',
  'tensorflow/include/tensorflow/c/c_api.h': '// C API',
  'tensorflow/include/elsewhere/rare.h': '// rarely included',
  'tensorflow/python/__init__.py': 'pass',
};

/** Writes a wheel of a few kilobytes that is laid out as PyPI's are. */
export function writeWheel(folder: string, wheel: FakeWheel = {}): string {
  const {
    project = PROJECT.replace('-', '_'),
    version = '2.21.0',
    tag = TAG,
    requires = [],
    files = WHEEL_FILES,
  } = wheel;
  const info = `${project}-${version}.dist-info`;
  const content: Record<string, string> = {
    ...files,
    [`${info}/METADATA`]: [
      'Metadata-Version: 2.1',
      `Name: ${project}`,
      `Version: ${version}`,
      ...requires.map((line) => `Requires-Dist: ${line}`),
      '',
      '',
    ].join('\n'),
    [`${info}/WHEEL`]: `Wheel-Version: 1.0\nTag: cp312-cp312-${tag}\n`,
  };
  const record = Object.entries(content).map(([path, text]) => {
    const hashed = wheel.misrecorded?.includes(path) ? `${text}, changed` : text;
    return `${path},sha256=${createHash('sha256').update(hashed).digest('base64url')},${text.length}\n`;
  });
  mkdirSync(folder, { recursive: true });
  const path = join(folder, `${project}-${version}-cp312-cp312-${tag}.whl`);
  writeFileSync(path, zip({ ...content, [`${info}/RECORD`]: `${record.join('')}${info}/RECORD,,\n` }));
  return path;
}

/** A zip archive whose short files are stored and whose long ones are deflated. */
export function zip(files: Record<string, string>): Buffer {
  const parts: Buffer[] = [];
  const central: Buffer[] = [];
  let offset = 0;
  for (const [name, text] of Object.entries(files)) {
    const plain = Buffer.from(text);
    const packed = plain.length > 100 ? deflateRawSync(plain) : plain;
    const common = Buffer.alloc(26);
    common.writeUInt16LE(20, 0);
    common.writeUInt16LE(packed === plain ? 0 : 8, 4);
    common.writeUInt32LE(crc32(plain), 10);
    common.writeUInt32LE(packed.length, 14);
    common.writeUInt32LE(plain.length, 18);
    common.writeUInt16LE(Buffer.byteLength(name), 22);
    const tail = Buffer.alloc(14);
    tail.writeUInt32LE(0o100644 * 0x10000, 6);
    tail.writeUInt32LE(offset, 10);
    parts.push(Buffer.from('PK\x03\x04', 'latin1'), common, Buffer.from(name), packed);
    central.push(Buffer.from('PK\x01\x02\x14\x03', 'latin1'), common, tail, Buffer.from(name));
    offset += 30 + Buffer.byteLength(name) + packed.length;
  }
  const directory = Buffer.concat(central);
  const end = Buffer.alloc(18);
  end.writeUInt16LE(Object.keys(files).length, 4);
  end.writeUInt16LE(Object.keys(files).length, 6);
  end.writeUInt32LE(directory.length, 8);
  end.writeUInt32LE(offset, 12);
  return Buffer.concat([...parts, directory, Buffer.from('PK\x05\x06', 'latin1'), end]);
}
