import type { FastifyInstance, FastifyReply } from 'fastify';
import { fail } from '../../common/errors.js';
import { gearnnVersion } from '../../common/version.js';
import type { ModelDescription } from '../inference.js';
import type { ServerContext } from './context.js';

/** Health and metadata of the Open Inference Protocol. */
export function healthRoutes(app: FastifyInstance, context: ServerContext): void {
  const open = { config: { open: true, always: true } };
  app.get('/v2/health/live', open, () => ({ live: true }));
  app.get('/v2/health/ready', open, (_request, reply) => {
    const ready = context.engine.ready && !context.stopping && context.repository.all().length > 0;
    return answerReady(reply, { ready });
  });
  app.get('/v2', () => ({
    name: 'gearnn',
    version: gearnnVersion(),
    extensions: ['binary_tensor_data', 'model_repository', 'model_repository(unload_dependents)', 'sequence'],
  }));
  for (const path of modelPaths('')) {
    app.get<{ Params: ModelParams }>(path, ({ params }) => metadata(context.repository.describe(modelOf(params))));
  }
  for (const path of modelPaths('/ready')) {
    app.get<{ Params: ModelParams }>(path, ({ params }, reply) => {
      const name = context.repository.describe(modelOf(params)).name;
      return answerReady(reply, { name, ready: context.engine.ready && !context.stopping });
    });
  }
}

export interface ModelParams {
  model: string;
  version?: string;
}

/** The address of a network with and without its version. */
export function modelPaths(rest: string): string[] {
  return [`/v2/models/:model${rest}`, `/v2/models/:model/versions/:version${rest}`];
}

/** @throws E_SERVE_MODEL for another version than the only one */
export function modelOf({ model, version = '1' }: ModelParams): string {
  if (version !== '1')
    fail('E_SERVE_MODEL', { where: 'version', expected: '1, the only one of a network', got: `"${version}"` });
  return model;
}

function answerReady(reply: FastifyReply, answer: { name?: string; ready: boolean }): object {
  void reply.code(answer.ready ? 200 : 503);
  return answer.ready
    ? answer
    : {
        ...answer,
        error: 'engine: expected one that runs, got one that is starting or stopping.',
        code: 'E_SERVE_ENGINE',
      };
}

function metadata({
  name,
  network,
  task,
  outputs,
  classes,
  trained,
  adaptors,
  engine,
  version,
  ...rest
}: ModelDescription): object {
  const { head, input } = rest;
  return {
    name,
    versions: ['1'],
    platform: `gearnn_${engine.name}`,
    inputs: [
      { name: 'image', datatype: 'BYTES', shape: [1] },
      { name: 'pixels', datatype: 'UINT8', shape: [1, -1, -1, 3] },
    ],
    outputs,
    parameters: {
      ...{ network, task, head, input, levels: adaptors.map(({ level }) => level), classes },
      ...{ size: trained, engine, version },
      versions: Object.fromEntries(adaptors.map((adaptor) => [adaptor.level, adaptor.version])),
    },
  };
}
