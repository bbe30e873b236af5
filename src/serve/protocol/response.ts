import type { Values } from '../../tasks/arrays.js';
import type { Inference } from '../inference.js';
import { writeJson } from './json.js';
import type { InferRequest } from './request.js';

/** The body of an answer and the headers that go with it. */
export interface InferResponse {
  headers: Record<string, string>;
  body: Buffer;
}

/** Values that are written as JSON in one go; between two, other requests get their turn. */
const SLICE = 1 << 15;

/** How the JSON of an answer ends where nothing is in its outputs: outputs, answer. */
const CLOSING = ']}';

/** The answer in the Open Inference Protocol: its values as JSON, or after the JSON as bytes where the request asks for that. */
export async function writeInferResponse(
  model: string,
  { id, sequence, binary, outputs: wanted }: Pick<InferRequest, 'id' | 'sequence' | 'binary' | 'outputs'>,
  { level, version, reason, confidence, outputs }: Inference,
): Promise<InferResponse> {
  const asked = wanted && wanted.length > 0 ? wanted : Object.keys(outputs).map((name) => ({ name, binary }));
  const envelope = writeJson({
    model_name: model,
    model_version: '1',
    id,
    parameters: { level, version, reason, confidence, sequence_id: sequence?.id },
    outputs: [],
  });
  const json: Buffer[] = [Buffer.from(envelope.slice(0, -CLOSING.length))];
  const bytes: Uint8Array[] = [];
  for (const [i, { name, binary: asBytes }] of asked.entries()) {
    const values = outputs[name]!;
    const { data } = values;
    const described = { name, datatype: datatypeOf(values), shape: values.shape };
    if (i > 0) json.push(Buffer.from(','));
    if (asBytes) {
      json.push(Buffer.from(writeJson({ ...described, parameters: { binary_data_size: data.byteLength } })));
      bytes.push(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
    } else {
      // The values go in before the bracket that closes the output.
      json.push(Buffer.from(`${writeJson(described).slice(0, -1)},"data":[`));
      await pushValues(json, data);
      json.push(Buffer.from(']}'));
    }
  }
  json.push(Buffer.from(CLOSING));
  if (bytes.length === 0) return { headers: { 'content-type': 'application/json' }, body: Buffer.concat(json) };
  const length = json.reduce((sum, part) => sum + part.length, 0);
  return {
    headers: { 'content-type': 'application/octet-stream', 'inference-header-content-length': String(length) },
    body: Buffer.concat([...json, ...bytes]),
  };
}

async function pushValues(json: Buffer[], data: Values['data']): Promise<void> {
  for (let at = 0; at < data.length; at += SLICE) {
    if (at > 0) await new Promise((resolve) => setImmediate(resolve));
    json.push(Buffer.from(`${at > 0 ? ',' : ''}${data.subarray(at, at + SLICE).join()}`, 'latin1'));
  }
}

/** The protocol's name of a type. */
export function datatypeOf({ data }: Pick<Values, 'data'>): string {
  if (data instanceof Uint8Array) return 'UINT8';
  return data instanceof Int32Array ? 'INT32' : 'FP32';
}
