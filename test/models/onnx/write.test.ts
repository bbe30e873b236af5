import { expect } from 'chai';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { GraphEditor } from '../../../src/models/onnx/edit.js';
import { readModel } from '../../../src/models/onnx/parse.js';
import { create, readMessage, writeMessage } from '../../../src/models/onnx/write.js';
import { expectFailure } from '../../support/failure.js';
import { floats, modelBytes, modelFile, TYPES } from './support/build.js';

const NODES = [{ op: 'Mul', inputs: ['x', 'w'] }];

describe('models/onnx: writing', () => {
  it('keeps fields that gearnn does not read', async () => {
    const text = Buffer.from('what the model is for');
    const bytes = modelBytes({ nodes: NODES, inputs: { x: [2] }, initializers: [floats('w', [2], [1, 2])] });
    // Field 6 of a model is its description.
    const path = modelFile(Buffer.concat([bytes, Buffer.from([(6 << 3) | 2, text.length]), text]));
    const message = readMessage(path);
    const out = join(dirname(path), 'out.onnx');
    expect(await writeMessage(out, message)).to.equal(readFileSync(out).length);
    expect(readFileSync(out).includes(text)).to.equal(true);
    expect(readModel(out)).to.deep.equal(readModel(path));
  });

  it('takes external data into the file', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'gearnn-onnx-'));
    const path = join(folder, 'model.onnx');
    const values = Float32Array.of(0, 1.5, -2);
    writeFileSync(join(folder, 'weights.data'), Buffer.from(values.buffer));
    const externalData = Object.entries({ location: 'weights.data', offset: '4', length: '8' }).map(([key, value]) => ({ key, value })); // prettier-ignore
    const w = { name: 'w', dims: [2], dataType: TYPES.float, dataLocation: 1, externalData };
    writeFileSync(path, modelBytes({ nodes: NODES, inputs: { x: [2] }, initializers: [w] }));
    const out = join(mkdtempSync(join(tmpdir(), 'gearnn-onnx-')), 'out.onnx');
    await writeMessage(out, readMessage(path));
    const { graph, external } = readModel(out);
    expect([...graph.initializers.get('w')!.data]).to.deep.equal([1.5, -2]);
    expect(external).to.deep.equal([]);
  });

  it('a constant that is added to a file of version 3 is not its input, and no other stays one', async () => {
    const path = modelFile({ nodes: NODES, inputs: { x: [2], w: [2] }, initializers: [floats('w', [2], [1, 2])] });
    const message = readMessage(path);
    message.irVersion = create<typeof message>('ModelProto', { irVersion: 3 }).irVersion;
    const editor = new GraphEditor(message);
    editor.finish();
    expect(message.graph!.input.map(({ name }) => name)).to.deep.equal(['x', 'w']);
    expect(editor.add('w', 'float32', [1], Float32Array.of(3))).to.equal('w_');
    editor.finish();
    expect(message.irVersion.toNumber()).to.equal(4);
    expect(message.graph!.input.map(({ name }) => name)).to.deep.equal(['x']);
  });

  it('refuses more than 2 GB by the sizes, before it reads them', async () => {
    const w = { name: 'w', dims: [2 ** 15, 2 ** 15], dataType: TYPES.float, dataLocation: 1, externalData: [{ key: 'location', value: 'none' }] }; // prettier-ignore
    const path = modelFile({ nodes: NODES, inputs: { x: [2] }, initializers: [w] });
    await expectFailure(Promise.resolve().then(() => readMessage(path)), 'E_ONNX_FILE', path, '4.3 GB', '--level'); // prettier-ignore
  });
});
