import type { Inference } from '../inference.js';
import { writeJson } from './json.js';
import type { InferRequest } from './request.js';

/** The body of an answer and the headers that go with it. */
export interface InferResponse {
  headers: Record<string, string>;
  body: Buffer;
}

/** Pixels that are written as JSON in one go; between two, other requests get their turn. */
const SLICE = 1 << 15;

/** How the JSON of an answer ends: output, outputs, answer. */
const CLOSING = '}]}';

/** The answer in the Open Inference Protocol: the mask as JSON, or after the JSON as bytes where the request asks for that. */
export async function writeInferResponse(
  model: string,
  { id, sequence, binary }: Pick<InferRequest, 'id' | 'sequence' | 'binary'>,
  { mask, width, height, level, confidence }: Inference,
): Promise<InferResponse> {
  const output = { name: 'mask', datatype: 'UINT8', shape: [1, height, width] };
  const answer = {
    model_name: model,
    model_version: '1',
    id,
    parameters: { level, confidence, sequence_id: sequence?.id },
    outputs: [binary ? { ...output, parameters: { binary_data_size: mask.length } } : output],
  };
  if (binary) {
    const json = Buffer.from(writeJson(answer));
    return {
      headers: { 'content-type': 'application/octet-stream', 'inference-header-content-length': String(json.length) },
      body: Buffer.concat([json, mask]),
    };
  }
  const json = writeJson(answer);
  // The output ends the JSON, so its values go in before the brackets that close it.
  const parts = [Buffer.from(`${json.slice(0, -CLOSING.length)},"data":[`)];
  for (let at = 0; at < mask.length; at += SLICE) {
    if (at > 0) await new Promise((resolve) => setImmediate(resolve));
    parts.push(Buffer.from(`${at > 0 ? ',' : ''}${mask.subarray(at, at + SLICE).join()}`, 'latin1'));
  }
  parts.push(Buffer.from(`]${CLOSING}`));
  return { headers: { 'content-type': 'application/json' }, body: Buffer.concat(parts) };
}
