import type { BrokenAdaptor } from '../../adaptor/list.js';
import { fail } from '../../common/errors.js';
import { packError } from '../../common/wire.js';
import type { EngineOptions } from '../../engine/start.js';
import type { FrameRequest, Inference, ModelDescription } from '../inference.js';
import {
  type BrokenItem,
  type CallMessage,
  type EngineCalls,
  type LoadOptions,
  type ReplyMessage,
} from './messages.js';

/** A resident network with its adaptors, as the host uses it; AdaptiveRunner is one. */
export interface Runner {
  inferBatch(requests: FrameRequest[]): Promise<(Inference | Error)[]>;
  /** @returns the level of the adaptor in `folder` */
  add(folder: string): Promise<string>;
  remove(level: string): void;
  forget(stream: string): void;
  describe(): ModelDescription;
  dispose(): void;
}

/** What a host computes with. */
export interface RunnerKind {
  start(options: EngineOptions): Promise<{ notice?: string }>;
  /** @param onBroken is given the adaptors that cannot be loaded and are left out */
  load(options: LoadOptions, onBroken: (broken: BrokenAdaptor) => void): Promise<Runner>;
}

/** The handlers of {@link EngineCalls}, some of which take their time. */
type Handlers = {
  [C in keyof EngineCalls]: (
    ...parameters: Parameters<EngineCalls[C]>
  ) => ReturnType<EngineCalls[C]> | Promise<ReturnType<EngineCalls[C]>>;
};

/** Makes this process, a fork of the server's, answer its calls one after the other until the server ends. */
export function hostEngine(kind: RunnerKind): void {
  // A terminal's Ctrl-C and a service manager's SIGTERM reach every process; the server drains first and then lets this one go.
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => {});
  // Without the server there is nobody to answer, and native threads may keep the process from ending by itself.
  process.on('disconnect', () => process.kill(process.pid, 'SIGKILL'));
  const handlers = handlersOf(kind);
  let last = Promise.resolve();
  process.on('message', ({ id, call, parameters }: CallMessage) => {
    last = last.then(async () => {
      const reply: ReplyMessage = { id, resident: 0 };
      try {
        reply.value = await (handlers[call] as (...all: unknown[]) => unknown)(...parameters);
      } catch (error) {
        reply.error = packError(error);
      }
      reply.resident = process.memoryUsage.rss();
      if (process.connected) process.send!(reply);
    });
  });
}

function handlersOf(kind: RunnerKind): Handlers {
  const runners = new Map<string, Runner>();
  const runner = (model: string): Runner =>
    runners.get(model) ??
    fail('E_SERVE_MODEL', { where: 'model', expected: 'a network that is loaded', got: `"${model}"` });
  return {
    start: async (options) => {
      const { notice } = await kind.start(options);
      return { notice };
    },
    load: async (model, options) => {
      const broken: BrokenItem[] = [];
      const loaded = await kind.load(options, ({ error, ...item }) =>
        broken.push({ ...item, error: packError(error) }),
      );
      runners.get(model)?.dispose();
      runners.set(model, loaded);
      return { ...loaded.describe(), broken };
    },
    unload: (model) => {
      runner(model).dispose();
      runners.delete(model);
    },
    infer: async (model, requests) => {
      const answers = await runner(model).inferBatch(requests);
      return answers.map((answer) => (answer instanceof Error ? packError(answer) : answer));
    },
    add: async (model, folder) => {
      await runner(model).add(folder);
      return runner(model).describe();
    },
    remove: (model, level) => {
      runner(model).remove(level);
      return runner(model).describe();
    },
    forget: (model, stream) => runners.get(model)?.forget(stream),
  };
}
