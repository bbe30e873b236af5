import type { FastifyInstance, FastifyReply } from 'fastify';
import type { ModelDescription } from '../inference.js';
import {
  INPUTS,
  isReady,
  modelConfig,
  modelStats,
  platformOf,
  requireVersion,
  serverMetadata,
} from '../describe-served.js';
import { RIGHTS } from '../access.js';
import type { ServerContext } from './context.js';

/** Health and metadata of the Open Inference Protocol. */
export function healthRoutes(app: FastifyInstance, context: ServerContext): void {
  const open = { config: { open: true, always: true } };
  const any = { config: { rights: RIGHTS } };
  app.get('/v2/health/live', open, () => ({ live: true }));
  app.get('/v2/health/ready', open, (_request, reply) => {
    return answerReady(reply, { ready: isReady(context) });
  });
  app.get('/v2', any, () => serverMetadata());
  app.get('/v2/models/stats', any, () => ({ model_stats: modelStats(context) }));
  for (const path of modelPaths('/stats')) {
    app.get<{ Params: ModelParams }>(path, any, ({ params }) => ({
      model_stats: modelStats(context, modelOf(params)),
    }));
  }
  for (const path of modelPaths('/config')) {
    app.get<{ Params: ModelParams }>(path, any, ({ params }) =>
      modelConfig(context.repository.describe(modelOf(params))),
    );
  }
  for (const path of modelPaths('')) {
    app.get<{ Params: ModelParams }>(path, any, ({ params }) => metadata(context.repository.describe(modelOf(params))));
  }
  for (const path of modelPaths('/ready')) {
    app.get<{ Params: ModelParams }>(path, any, ({ params }, reply) => {
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
export function modelOf({ model, version }: ModelParams): string {
  requireVersion(version);
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

function metadata(description: ModelDescription): object {
  const { name, network, task, outputs, classes, trained, adaptors, engine, version, head, input } = description;
  return {
    name,
    versions: ['1'],
    platform: platformOf(description),
    inputs: INPUTS,
    outputs,
    parameters: {
      ...{ network, task, head, input, levels: adaptors.map(({ level }) => level), classes },
      ...{ size: trained, engine, version },
      versions: Object.fromEntries(adaptors.map((adaptor) => [adaptor.level, adaptor.version])),
    },
  };
}
