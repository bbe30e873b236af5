import {
  configType,
  INPUTS,
  isReady,
  modelStats,
  platformOf,
  requireVersion,
  serverMetadata,
} from '../describe-served.js';
import type { Right } from '../access.js';
import type { ServerContext } from '../http/context.js';
import { withoutPaths } from '../http/scrub.js';
import type { Duration, ModelStatistics } from '../statistics.js';
import { type Asking, requireEngine } from '../work.js';
import type { InferMessage } from './convert.js';
import { inferMessage } from './infer.js';
import { wrong } from '../protocol/wrong.js';

/** A method with one request and one answer. */
export interface UnaryMethod {
  /** Names of messages. */
  request: string;
  response: string;
  /** Answered without a token, too. */
  open?: boolean;
  /** Of which its caller needs one. */
  rights: readonly Right[];
  answer(context: ServerContext, request: never, asking: () => Asking): object | Promise<object>;
}

interface ModelRequest {
  name: string;
  version: string;
}

const READ: readonly Right[] = ['infer', 'admin', 'metrics'];
const ADMIN: readonly Right[] = ['admin'];
const EXTENSION = /^unload_dependents$/;

/** Everything but streams. */
export const UNARY: Record<string, UnaryMethod> = {
  ServerLive: {
    request: 'Empty',
    response: 'ServerLiveResponse',
    open: true,
    rights: READ,
    answer: () => ({ live: true }),
  },
  ServerReady: {
    ...{ request: 'Empty', response: 'ReadyResponse', open: true, rights: READ },
    answer: (context) => ({ ready: isReady(context) }),
  },
  ModelReady: {
    ...{ request: 'ModelRequest', response: 'ReadyResponse', rights: READ },
    answer: ({ engine, stopping, repository }, { name, version }: ModelRequest) => {
      requireVersion(version);
      repository.describe(name);
      return { ready: engine.ready && !stopping };
    },
  },
  ServerMetadata: {
    request: 'Empty',
    response: 'ServerMetadataResponse',
    rights: READ,
    answer: () => serverMetadata(),
  },
  ModelMetadata: {
    ...{ request: 'ModelRequest', response: 'ModelMetadataResponse', rights: READ },
    answer: ({ repository }, { name, version }: ModelRequest) => {
      requireVersion(version);
      const description = repository.describe(name);
      const { outputs } = description;
      return { name, versions: ['1'], platform: platformOf(description), inputs: INPUTS, outputs };
    },
  },
  ModelConfig: {
    ...{ request: 'ModelRequest', response: 'ModelConfigResponse', rights: READ },
    answer: ({ repository }, { name, version }: ModelRequest) => {
      requireVersion(version);
      const description = repository.describe(name);
      const tensor = (one: (typeof INPUTS)[number]): object => ({
        ...{ name: one.name, dataType: configType(one.datatype)[1], dims: one.shape },
      });
      // Either of the two is enough.
      const input = INPUTS.map((one) => ({ ...tensor(one), optional: true }));
      const output = description.outputs.map(tensor);
      return { config: { name, platform: platformOf(description), backend: 'gearnn', input, output } };
    },
  },
  ModelStatistics: {
    ...{ request: 'ModelRequest', response: 'ModelStatisticsResponse', rights: READ },
    answer: (context, { name, version }: ModelRequest) => {
      requireVersion(version);
      return { modelStats: modelStats(context, name === '' ? undefined : name).map(statisticsMessage) };
    },
  },
  ModelInfer: {
    ...{ request: 'ModelInferRequest', response: 'ModelInferResponse', rights: ['infer'] },
    answer: (context, message: InferMessage, asking) => inferMessage(context, message, asking()),
  },
  RepositoryIndex: {
    ...{ request: 'RepositoryIndexRequest', response: 'RepositoryIndexResponse', rights: READ },
    answer: async ({ repository }, { ready = false }: { ready?: boolean }) => {
      const entries = await repository.index();
      const models = entries.map((one) => ({ ...one, reason: withoutPaths(one.reason, repository.places) }));
      return { models: ready ? models.filter(({ state }) => state === 'READY') : models };
    },
  },
  RepositoryModelLoad: {
    ...{ request: 'RepositoryModelRequest', response: 'Empty', rights: ADMIN },
    answer: (context, request: RepositoryRequest) => change(context, request, 'load'),
  },
  RepositoryModelUnload: {
    ...{ request: 'RepositoryModelRequest', response: 'Empty', rights: ADMIN },
    answer: (context, request: RepositoryRequest) => change(context, request, 'unload'),
  },
};

interface RepositoryRequest {
  modelName: string;
  parameters: Record<string, object>;
}

async function change(
  context: ServerContext,
  { modelName, parameters }: RepositoryRequest,
  what: 'load' | 'unload',
): Promise<object> {
  const other = Object.keys(parameters).find((name) => !EXTENSION.test(name));
  if (other !== undefined) wrong('parameters', 'unload_dependents, or none', JSON.stringify(other.slice(0, 100)));
  requireEngine(context);
  await context.repository[what](modelName);
  context.logger.info({ model: modelName }, `${what}ed`);
  return {};
}

function statisticsMessage(stats: ModelStatistics): object {
  const { inference_stats: parts, batch_stats: batches } = stats;
  return {
    ...{ name: stats.name, version: stats.version, lastInference: stats.last_inference },
    ...{ inferenceCount: stats.inference_count, executionCount: stats.execution_count },
    inferenceStats: camelCase(parts),
    batchStats: batches.map(({ batch_size, ...times }) => ({ batchSize: batch_size, ...camelCase(times) })),
  };
}

function camelCase(durations: Record<string, Duration>): object {
  const named = (name: string): string => name.replace(/_(\w)/g, (_all, letter: string) => letter.toUpperCase());
  return Object.fromEntries(Object.entries(durations).map(([name, duration]) => [named(name), duration]));
}
