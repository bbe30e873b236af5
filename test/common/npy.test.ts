import { expect } from 'chai';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { decodeNpy, encodeNpy, isNpyType, type NpyType } from '../../src/common/npy.js';
import { requireTool } from '../support/tools.js';

const VALUES = Float32Array.from([0, 1.5, -2.25, 3e-7, 1e20, 7]);

describe('common: .npy files', () => {
  let folder: string;
  before(() => (folder = mkdtempSync(join(tmpdir(), 'gearnn-npy-'))));
  after(() => rmSync(folder, { recursive: true }));

  for (const shape of [[2, 3], [6], [1, 2, 3]]) {
    it(`NumPy reads an array of shape ${shape.join('x')}, and what it writes is read back`, function () {
      const python = requireTool(this, 'numpy');
      const [ours, theirs] = [join(folder, 'ours.npy'), join(folder, 'theirs.npy')];
      writeFileSync(ours, encodeNpy(VALUES, shape));
      const script = [
        'import json, sys, numpy',
        'a = numpy.load(sys.argv[1], allow_pickle=False)',
        'numpy.save(sys.argv[2], a)',
        'print(json.dumps([str(a.dtype), list(a.shape), [float(x) for x in a.flatten()]]))',
      ].join('\n');
      const printed = execFileSync(python, ['-c', script, ours, theirs], { encoding: 'utf8' });
      expect(JSON.parse(printed)).to.deep.equal(['float32', shape, [...VALUES]]);
      expect(decodeNpy(readFileSync(theirs))).to.deep.equal({ data: VALUES, shape });
      expect(decodeNpy(encodeNpy(VALUES, shape))).to.deep.equal({ data: VALUES, shape });
    });
  }

  it('whole numbers and truth values keep their type and are read as they are', function () {
    const python = requireTool(this, 'numpy');
    const path = join(folder, 'typed.npy');
    const values: [NpyType, number[]][] = [
      ['bool', [1, 0]],
      ['int8', [-128, 127]],
      ['uint8', [0, 255]],
      ['int16', [-32768, 32767]],
      ['uint16', [0, 65535]],
      ['int32', [-(2 ** 31), 2 ** 31 - 1]],
      ['uint32', [0, 2 ** 32 - 1]],
      ['int64', [-(2 ** 40), 2 ** 31]],
      ['uint64', [0, 2 ** 40]],
    ];
    const script =
      'import json, sys, numpy; a = numpy.load(sys.argv[1]); print(json.dumps([str(a.dtype), [int(x) for x in a]]))';
    for (const [type, numbers] of values) {
      expect(isNpyType(type)).to.equal(true);
      writeFileSync(path, encodeNpy(numbers, [2], type));
      const printed = execFileSync(python, ['-c', script, path], { encoding: 'utf8' });
      expect(JSON.parse(printed)).to.deep.equal([type, numbers]);
    }
    expect(['string', 'float16', 'toString'].map(isNpyType)).to.deep.equal([false, false, false]);
  });

  it('the numbers begin at a multiple of 64 bytes, whatever the shape', () => {
    for (let side = 1; side < 1e6; side *= 10) {
      const bytes = encodeNpy(new Float32Array(side), [side, 1]);
      expect((bytes.length - 4 * side) % 64).to.equal(0);
    }
  });

  it('a file that is cut off, too long or of another kind is none', () => {
    const bytes = encodeNpy(VALUES, [2, 3]);
    expect(decodeNpy(bytes.subarray(0, -1))).to.equal(undefined);
    expect(decodeNpy(Buffer.concat([bytes, Buffer.alloc(4)]))).to.equal(undefined);
    expect(decodeNpy(bytes.subarray(0, 9))).to.equal(undefined);
    expect(decodeNpy(Buffer.from(Buffer.from(bytes).toString('latin1').replace('<f4', '<f8'), 'latin1'))).to.equal(
      undefined,
    );
  });
});
