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

/** How the JSON of an answer ends: output, outputs, answer. */
const CLOSING = '}]}';

/** The answer in the Open Inference Protocol: its values as JSON, or after the JSON as bytes where the request asks for that. */
export async function writeInferResponse(
  model: string,
  { id, sequence, binary }: Pick<InferRequest, 'id' | 'sequence' | 'binary'>,
  inference: Inference,
): Promise<InferResponse> {
  const { level, confidence } = inference;
  const { values, ...output } = outputOf(inference);
  const answer = {
    model_name: model,
    model_version: '1',
    id,
    parameters: { level, confidence, sequence_id: sequence?.id },
    outputs: [binary ? { ...output, parameters: { binary_data_size: values.byteLength } } : output],
  };
  if (binary) {
    const json = Buffer.from(writeJson(answer));
    return {
      headers: { 'content-type': 'application/octet-stream', 'inference-header-content-length': String(json.length) },
      body: Buffer.concat([json, new Uint8Array(values.buffer, values.byteOffset, values.byteLength)]),
    };
  }
  const json = writeJson(answer);
  // The output ends the JSON, so its values go in before the brackets that close it.
  const parts = [Buffer.from(`${json.slice(0, -CLOSING.length)},"data":[`)];
  for (let at = 0; at < values.length; at += SLICE) {
    if (at > 0) await new Promise((resolve) => setImmediate(resolve));
    parts.push(Buffer.from(`${at > 0 ? ',' : ''}${values.subarray(at, at + SLICE).join()}`, 'latin1'));
  }
  parts.push(Buffer.from(`]${CLOSING}`));
  return { headers: { 'content-type': 'application/json' }, body: Buffer.concat(parts) };
}

/** The tensor that an answer is: a mask, or a probability per class. */
function outputOf({ mask, probabilities, width, height }: Inference) {
  return probabilities
    ? { name: 'probabilities', datatype: 'FP32', shape: [1, probabilities.length], values: probabilities }
    : { name: 'mask', datatype: 'UINT8', shape: [1, height, width], values: mask };
}
