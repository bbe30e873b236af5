import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ErrorCode } from '../../../../../src/common/errors.js';
import { TYPES } from '../build.js';
import { addTensor, CONV, INPUT, modelOf, nodeModel, same, VALID, type HostileCase } from './case.js';

/** Weights that lie elsewhere, in a folder `inside` beside which a secret lies. */
function external(): HostileCase[] {
  const lies = (name: string, fields: Record<string, string>, says = /external data of w/): HostileCase => ({
    ...{ kind: 'external', name, codes: ['E_ONNX_EXTERNAL'], says },
    bytes: (folder) => {
      const inside = join(folder, 'inside');
      mkdirSync(join(inside, 'folder'), { recursive: true });
      writeFileSync(join(folder, 'secret.bin'), new Uint8Array(64));
      writeFileSync(join(inside, 'w.bin'), new Uint8Array(64));
      symlinkSync('../secret.bin', join(inside, 'link.bin'));
      symlinkSync('..', join(inside, 'up'));
      symlinkSync('circle.bin', join(inside, 'circle.bin'));
      execFileSync('mkfifo', [join(inside, 'pipe.bin')]);
      const externalData = Object.entries(fields).map(([key, value]) => ({ key, value }));
      const path = join(inside, 'model.onnx');
      writeFileSync(path, addTensor({ dims: [4], dataLocation: 1, externalData }));
      return path;
    },
  });
  const at = (location: string): HostileCase => lies(`at ${JSON.stringify(location)}`, { location });
  return [
    ...['../secret.bin', '/etc/passwd', '/dev/zero', 'folder/../../secret.bin', 'link.bin', 'up/secret.bin'].map(at),
    ...['', '.', '..', '/', 'folder', 'missing.bin', 'circle.bin', 'pipe.bin', 'w.bin/x', 'w.bin\0', 'a'.repeat(5000)].map(at), // prettier-ignore
    ...['..\\secret.bin', 'file:///etc/passwd', 'http://example.com/w.bin', '~/w.bin', '\u{202e}nib.w'].map(at),
    lies('without a place', {}),
    ...['64', '60', '49', '4294967296', '999999999999999', '-4', '1e1', '0x10', 'NaN', '', ' 0', '9'.repeat(400)].map((offset) => lies(`from ${offset.slice(0, 20)}`, { location: 'w.bin', offset })), // prettier-ignore
    ...['0', '15', '17', '-16', '9007199254740993', 'all', '16.0'].map((length) => lies(`${length} long`, { location: 'w.bin', length })), // prettier-ignore
    { kind: 'external', name: '2^40 bytes', bytes: addTensor({ dims: [2 ** 38], dataLocation: 1, externalData: [{ key: 'location', value: 'model.onnx' }] }), codes: ['E_ONNX_EXTERNAL', 'E_ONNX_FILE'], says: /w/ }, // prettier-ignore
    {
      ...{ kind: 'external', name: 'the same 32 MB for 100 tensors', codes: ['E_ONNX_EXTERNAL'], says: /w2/ },
      bytes: (folder) => {
        const path = join(folder, 'model.onnx');
        const all = Array.from({ length: 100 }, (_, i) => ({ ...same(`w${i}`, [], 0), dims: [2 ** 23], floatData: [], dataLocation: 1, externalData: [{ key: 'location', value: 'w.bin' }] })); // prettier-ignore
        writeFileSync(path, nodeModel({ op: 'Sum', inputs: all.map((_, i) => `w${i}`) }, all));
        writeFileSync(join(folder, 'w.bin'), '');
        truncateSync(join(folder, 'w.bin'), 2 ** 25);
        return path;
      },
    },
    {
      ...{ kind: 'external', name: '8 GB of holes', codes: ['E_ONNX_EXTERNAL', 'E_ONNX_FILE'], says: /w/ },
      bytes: (folder) => {
        const path = join(folder, 'model.onnx');
        writeFileSync(path, addTensor({ dims: [2 ** 31], dataLocation: 1, externalData: [{ key: 'location', value: 'w.bin' }] })); // prettier-ignore
        writeFileSync(join(folder, 'w.bin'), '');
        truncateSync(join(folder, 'w.bin'), 2 ** 33);
        return path;
      },
    },
  ];
}

const ZIP = 'PK\x03\x04\x14\0\0\0\x08\0';
const OTHERS: Record<string, string | Uint8Array> = {
  'an empty one': '',
  'one byte': '\0',
  zeros: new Uint8Array(4096),
  '255s': new Uint8Array(4096).fill(255),
  'a page': '<!DOCTYPE html>\n<html><head><title>404 Not Found</title></head></html>',
  'an answer in JSON': '{"error": "Repository not found"}',
  'an LFS pointer':
    'version https://git-lfs.github.com/spec/v1\noid sha256:4d7a214614ab2935c943f9e0ff69d22eadbb8f32b1258daaa5e2ca24d17e2393\nsize 102543\n',
  'a zip': ZIP + 'model.onnx' + '\0'.repeat(40),
  'a .pth': ZIP + 'archive/data.pkl' + '\x80\x02ctorch._utils\n_rebuild_tensor_v2\n',
  'an old .pth': '\x80\x02\x8a\nl\xfc\x9cF\xf9 j\xa8P\x19.',
  TFLite: '\x1c\0\0\0TFL3\x14\0 \0\x04\0\x08\0\x0c\0\x10\0\x14\0',
  safetensors: '\x40\0\0\0\0\0\0\0{"w":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}',
  GGUF: 'GGUF\x03\0\0\0\0\0\0\0',
  'a PNG': '\x89PNG\r\n\x1a\n\0\0\0\rIHDR',
  gzip: '\x1f\x8b\x08\0\0\0\0\0\0\x03',
  'a text': 'hello\n'.repeat(100),
  'UTF-16': '\xff\xfeh\0e\0l\0l\0o\0',
};

/** What is no ONNX file at all, and places that are no file. */
export function otherFiles(): HostileCase[] {
  const own = (name: string, codes: ErrorCode[], make: (path: string) => void): HostileCase => ({
    ...{ kind: 'location', name, codes },
    bytes: (folder) => {
      const path = join(folder, 'model.onnx');
      make(path);
      return path;
    },
  });
  const { bytes } = VALID['conv']!;
  return [
    ...external(),
    ...Object.entries(OTHERS).map(([name, content]): HostileCase => ({
      ...{ kind: 'another format', name, codes: ['E_ONNX_FILE'] },
      bytes: typeof content === 'string' ? Buffer.from(content, 'latin1') : content,
    })),
    { kind: 'length', name: 'a graph of 2 GB claimed', bytes: Uint8Array.of(8, 8, 0x3a, 0xff, 0xff, 0xff, 0xff, 0x07, 10, 0), codes: ['E_ONNX_FILE'] }, // prettier-ignore
    { kind: 'length', name: 'a graph of 4 GB claimed', bytes: Uint8Array.of(8, 8, 0x3a, 0xff, 0xff, 0xff, 0xff, 0x0f, 10, 0), codes: ['E_ONNX_FILE'] }, // prettier-ignore
    { kind: 'length', name: 'a text of 1 GB claimed', bytes: Uint8Array.of(8, 8, 0x12, 0x80, 0x80, 0x80, 0x80, 0x04), codes: ['E_ONNX_FILE'] }, // prettier-ignore
    own('nothing', ['E_FILE_MISSING'], () => undefined),
    own('a folder', ['E_FILE_KIND'], (path) => mkdirSync(path)),
    own('a pipe', ['E_FILE_KIND'], (path) => execFileSync('mkfifo', [path])),
    own('a link to itself', ['E_FILE_LOOP'], (path) => symlinkSync('model.onnx', path)),
    own('a link to nothing', ['E_FILE_MISSING'], (path) => symlinkSync('missing.onnx', path)),
    own('a device', ['E_FILE_KIND'], (path) => symlinkSync('/dev/zero', path)),
    own('3 GB of holes', ['E_ONNX_FILE'], (path) => {
      writeFileSync(path, bytes);
      truncateSync(path, 3e9);
    }),
    // Root may read whatever it is.
    ...(process.getuid?.() === 0
      ? []
      : [
          own('no permission', ['E_FILE_ACCESS'], (path) => {
            writeFileSync(path, bytes);
            chmodSync(path, 0);
          }),
        ]),
  ];
}

/** Files that are odd and right: they have to run. */
export function oddFiles(): HostileCase[] {
  const { bytes, first } = VALID['conv']!;
  const odd = (name: string, content: Uint8Array, begins = first): HostileCase => ({ kind: 'odd', name, bytes: content, first: begins }); // prettier-ignore
  return [
    ...Object.entries(VALID).map(([name, valid]): HostileCase => ({
      kind: 'odd',
      name: `nothing but ${name}`,
      ...valid,
    })),
    odd('fields that nobody knows behind it', Buffer.concat([bytes, Uint8Array.of(0xfa, 0x3f, 3, 1, 2, 3)])),
    ...[21, 999].map((version) => odd(`version ${version} of the operations`, modelOf({ nodes: [{ op: 'Neg' }] }, { opsetImport: [{ domain: '', version }] }), -1)), // prettier-ignore
    odd('an input that nothing uses', modelOf({ nodes: [{ op: 'Neg' }], inputs: { x: INPUT, z: [1] } }), -1),
    odd('an unknown operation that no output needs', modelOf({ nodes: [{ op: 'Neg' }, { op: 'Frobnicate', outputs: ['z'] }] }), -1), // prettier-ignore
    odd('nodes in the wrong order', modelOf({ nodes: [{ op: 'Neg', inputs: ['a'] }, { op: 'Abs', outputs: ['a'] }] }), -1), // prettier-ignore
    ...['__proto__', 'constructor', '', ' ', '\u{1f980}', '../../x', 'a\0b', 'n'.repeat(10_000)].map((name) => odd(`a value and node named ${JSON.stringify(name.slice(0, 12))}`, modelOf({ nodes: [{ op: 'Abs', name, outputs: [name || 'a'] }, { op: 'Neg', inputs: [name || 'a'] }] }), -1)), // prettier-ignore
    odd('strides of 1,000', nodeModel({ ...CONV, attributes: { strides: [1000, 1000], pads: [1, 1, 1, 1] } }, [same('w', [1, 3, 3, 3], 1)]), 12), // prettier-ignore
    odd('an output that is the input', modelOf({ nodes: [], outputs: ['x'] }), 1),
    odd('an output named __proto__', modelOf({ nodes: [{ op: 'Neg', outputs: ['__proto__'] }], outputs: ['__proto__'] }), -1), // prettier-ignore
    odd('an output twice', modelOf({ nodes: [{ op: 'Neg' }], outputs: ['y', 'y'] }), -1),
    odd('its head twice', Buffer.concat([Uint8Array.of(8, 8), bytes])),
    { kind: 'odd', name: 'a weight of raw zeros', bytes: addTensor({ rawData: new Uint8Array(4) }), first: 1 },
    { kind: 'odd', name: 'an fp16 weight', bytes: addTensor({ dataType: TYPES.half, int32Data: [0x3e00] }), first: 2.5 }, // prettier-ignore
    { kind: 'odd', name: 'a double weight', bytes: addTensor({ dataType: TYPES.double, doubleData: [0.5] }), first: 1.5 }, // prettier-ignore
  ];
}
