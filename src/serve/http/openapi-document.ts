import { gearnnVersion } from '../../common/version.js';
import type { Limits } from '../limits.js';

/** As much of OpenAPI 3.1 as the server's pages take. */
export interface ApiDocument {
  openapi: '3.1.0';
  info: { title: string; version: string; description: string };
  paths: Record<string, Record<string, Operation>>;
  components: object;
}

export interface Operation {
  summary: string;
  description?: string;
  parameters?: Parameter[];
  requestBody?: { content: Record<string, { schema?: object; example?: unknown }> };
  responses: Record<string, { description: string; content?: object; headers?: object }>;
}

interface Parameter {
  name: string;
  in: 'path' | 'query' | 'header';
  required?: boolean;
  description: string;
  schema: { type: string };
}

const MODEL = path('model', 'name of the network: that of its checkpoint folder');
const VERSION = path('version', 'always 1');
const DEADLINE = header('x-gearnn-deadline-ms', 'milliseconds after which the answer is worth nothing');
const SEQUENCE = header('x-gearnn-sequence', 'the same as sequence_id, where a balancer can read it');
const LEVEL = query('level', 'level of the image where it is known, such as jpeg=30. Default: detected');
const STREAM = query('sequence_id', 'name of the camera or stream that the image belongs to');
const NAME = path('model', 'network, or NETWORK:LEVEL for one of its adaptors');

/** Every page of the server. */
export function describeApi({ body, pixels }: Limits): ApiDocument {
  return {
    openapi: '3.1.0',
    info: {
      title: 'gearnn',
      version: gearnnVersion(),
      description: `Networks that keep their accuracy while the quality of their input changes. Bodies of up to ${body} bytes, images of up to ${pixels} pixels.`,
    },
    paths: { ...SEGMENT, ...TRY, ...HEALTH, ...MODELS, ...REPOSITORY, ...OPERATION },
    components: {
      schemas: {
        Error: {
          type: 'object',
          required: ['error', 'code'],
          properties: { error: { type: 'string' }, code: { type: 'string', pattern: '^E_' } },
        },
      },
      securitySchemes: { token: { type: 'http', scheme: 'bearer' } },
    },
  };
}

const MEANINGS: Record<number, string> = {
  400: 'something in the request is wrong',
  404: 'there is none of that name',
  413: 'the body or the image is too large',
  415: 'the image is no JPEG, PNG or WebP',
  422: 'its files are damaged or do not fit',
  501: 'the server has not the package that the level needs',
  503: 'the queue is full, or the engine starts; Retry-After says when to come back',
  504: 'the deadline passed',
};

const SEGMENT: ApiDocument['paths'] = {
  '/v1/segment': {
    post: {
      summary: 'An image in, its mask out',
      description:
        'The mask is a gray PNG of class ids, or JSON with the mask in base64 where Accept asks for application/json; of a network for foreground with its probabilities as well, 0 to 255 each.',
      parameters: [LEVEL, STREAM, SEQUENCE, query('model', 'another network than the first'), DEADLINE],
      requestBody: { content: { 'image/jpeg': {}, 'image/png': {}, 'image/webp': {} } },
      responses: answers('the mask', { 'image/png': {}, 'application/json': {} }, [400, 413, 415, 503, 504]),
    },
  },
  '/v1/predict': {
    post: {
      summary: 'An image in, its class, boxes or numbers out, by a network without masks',
      description:
        'JSON with level and confidence, and class, probability and the five likeliest classes (top) of a network that classifies; boxes, each with box ([x0, y0, x1, y1] in pixels of the image, and its four corners where it may be turned), class, label and score, and segmentation where it finds masks, of a detector; else all outputs.',
      parameters: [
        ...[LEVEL, STREAM, SEQUENCE, query('model', 'another network than the first')],
        query('outputs', 'names of outputs to give, with commas between'),
        query('values', 'json (default), or base64: their bytes, little-endian'),
        query(
          'masks',
          "how masks of objects are written: rle (default), COCO's run lengths, or polygons, their outlines without holes",
        ),
        DEADLINE,
      ],
      requestBody: { content: { 'image/jpeg': {}, 'image/png': {}, 'image/webp': {} } },
      responses: answers('the answer', { 'application/json': {} }, [400, 413, 415, 503, 504]),
    },
  },
};

const TRY: ApiDocument['paths'] = {
  '/v1/distort': {
    post: {
      summary: 'An image in, the image at a level out',
      description: 'A JPEG where the level ends in jpeg, otherwise a PNG; byte for byte what gearnn distort writes.',
      parameters: [{ ...query('level', 'such as brightness=0.5+jpeg=30'), required: true }],
      requestBody: { content: { 'image/jpeg': {}, 'image/png': {}, 'image/webp': {} } },
      responses: answers('the image', { 'image/jpeg': {}, 'image/png': {} }, [400, 413, 415, 501, 503, 504]),
    },
  },
  '/samples/{name}': {
    get: {
      summary: 'A drawn street to try a network with, at the size of the images that it was trained on',
      parameters: [path('name', '0.png to 3.png'), query('model', 'another network than the first')],
      responses: answers('the image', { 'image/png': {} }, [404]),
    },
  },
};

const HEALTH: ApiDocument['paths'] = {
  '/v2/health/live': { get: { summary: 'Whether the server answers', responses: answers('it does') } },
  '/v2/health/ready': {
    get: {
      summary: 'Whether networks are loaded and the engine runs',
      responses: answers('they are', undefined, [503]),
    },
  },
  '/v2': { get: { summary: 'Name, version and extensions of the server', responses: answers('metadata') } },
};

const INFER: Operation = {
  summary: 'Inference in the Open Inference Protocol v2',
  description:
    'JSON, or JSON with binary data behind it (Inference-Header-Content-Length). Request parameters: level, sequence_id, sequence_start, sequence_end, timeout (microseconds). Response parameters: level, confidence, sequence_id.',
  parameters: [
    MODEL,
    header('Inference-Header-Content-Length', 'bytes of JSON before the binary data'),
    SEQUENCE,
    DEADLINE,
  ],
  requestBody: {
    content: {
      'application/json': {
        example: {
          id: '1',
          parameters: { level: 'jpeg=10', sequence_id: 'gate' },
          inputs: [
            {
              name: 'image',
              datatype: 'BYTES',
              shape: [1],
              parameters: { content_type: 'base64' },
              data: ['/9j/4AAQSkZJRg...'],
            },
          ],
        },
      },
      'application/octet-stream': {},
    },
  },
  responses: answers(
    'the outputs that the metadata list, level and confidence',
    { 'application/json': {} },
    [400, 404, 413, 415, 503, 504],
  ),
};

const MODELS: ApiDocument['paths'] = {
  '/v2/models/{model}': {
    get: {
      summary: 'Inputs and outputs of a network',
      parameters: [MODEL],
      responses: answers('metadata', undefined, [404]),
    },
  },
  '/v2/models/{model}/ready': {
    get: {
      summary: 'Whether a network is loaded',
      parameters: [MODEL],
      responses: answers('it is', undefined, [404, 503]),
    },
  },
  '/v2/models/{model}/config': {
    get: {
      summary: 'Configuration of a network, as model analysers and clients ask for it',
      parameters: [MODEL],
      responses: answers('names, types and shapes', undefined, [404]),
    },
  },
  '/v2/models/{model}/stats': {
    get: {
      summary: 'How many frames a network has answered and how long each part took, in nanoseconds',
      parameters: [MODEL],
      responses: answers('statistics', undefined, [404]),
    },
  },
  '/v2/models/stats': { get: { summary: 'The same of all networks', responses: answers('statistics') } },
  '/v2/models/{model}/infer': { post: INFER },
  '/v2/models/{model}/versions/{version}/infer': {
    post: { ...INFER, parameters: [...INFER.parameters!, VERSION] },
  },
};

const REPOSITORY: ApiDocument['paths'] = {
  '/v2/repository/index': {
    post: {
      summary: 'Networks and adaptors, loaded or not',
      requestBody: { content: { 'application/json': { example: { ready: true } } } },
      responses: answers('name, version, state and reason of each'),
    },
  },
  '/v2/repository/models/{model}/load': {
    post: {
      summary: 'Load a network with its adaptors, or one adaptor',
      parameters: [NAME],
      responses: answers('it is loaded', undefined, [404, 422, 503]),
    },
  },
  '/v2/repository/models/{model}/unload': {
    post: {
      summary: 'Unload a network or an adaptor',
      parameters: [NAME],
      responses: answers('it is gone', undefined, [404, 503]),
    },
  },
};

const OPERATION: ApiDocument['paths'] = {
  '/metrics': { get: { summary: "Figures in Prometheus' text format", responses: answers('the figures') } },
};

function answers(description: string, content?: object, errors: number[] = []): Operation['responses'] {
  const failure = { 'application/json': { schema: { $ref: '#/components/schemas/Error' } } };
  return {
    200: { description, ...(content ? { content } : {}) },
    ...Object.fromEntries(errors.map((status) => [status, { description: MEANINGS[status]!, content: failure }])),
  };
}

function path(name: string, description: string): Parameter {
  return { name, in: 'path', required: true, description, schema: { type: 'string' } };
}

function query(name: string, description: string): Parameter {
  return { name, in: 'query', description, schema: { type: 'string' } };
}

function header(name: string, description: string): Parameter {
  return { name, in: 'header', description, schema: { type: 'string' } };
}
