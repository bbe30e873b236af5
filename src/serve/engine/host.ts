import type { BrokenAdaptor } from '../../adaptor/list.js';
import { fail } from '../../common/errors.js';
import { packError } from '../../common/wire.js';
import type { EngineOptions } from '../../engine/start.js';
import type { Watch } from '../../eval/runs.js';
import type { FrameRequest, Inference, ModelDescription } from '../inference.js';
import {
  type AbandonMessage,
  type BrokenItem,
  type CallMessage,
  type EngineCalls,
  type LoadOptions,
  type ReplyMessage,
} from './messages.js';

/** A resident network with its adaptors, as the host uses it; AdaptiveRunner is one. */
export interface Runner {
  inferBatch(requests: FrameRequest[], watch?: Watch): Promise<(Inference | Error)[]>;
  /** @returns the level of the adaptor in `folder` */
  add(folder: string): Promise<string>;
  remove(level: string): void;
  /** Reads anew at which levels without an adaptor the base answers. */
  refreshBases(): Promise<void>;
  forget(stream: string): void;
  describe(): ModelDescription;
  dispose(): void;
}

/** What a host computes with. */
export interface RunnerKind {
  start(options: EngineOptions): Promise<{ notice?: string }>;
  /**
   * @param onBroken is given the adaptors that cannot be loaded and are left out
   * @param warn is told which adaptors were not calibrated, or have changed since
   */
  load(
    options: LoadOptions,
    onBroken: (broken: BrokenAdaptor) => void,
    warn: (message: string) => void,
  ): Promise<Runner>;
}

/** The handlers of {@link EngineCalls}, some of which take their time. */
type Handlers = {
  [C in keyof EngineCalls]: (
    watch: Watch,
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
  const abandoned = new Map<number, AbortController>();
  process.on('message', (message: CallMessage | AbandonMessage) => {
    if ('abandon' in message) return abandoned.get(message.abandon)?.abort();
    const { id, call, parameters } = message;
    const controller = new AbortController();
    abandoned.set(id, controller);
    const send = (reply: Omit<ReplyMessage, 'id' | 'resident'>): void => {
      if (process.connected) process.send!({ id, resident: process.memoryUsage.rss(), ...reply });
    };
    const watch: Watch = { signal: controller.signal, onRun: () => send({ alive: true }) };
    last = last.then(async () => {
      const reply: Omit<ReplyMessage, 'id' | 'resident'> = {};
      try {
        reply.value = await (handlers[call] as (...all: unknown[]) => unknown)(watch, ...parameters);
      } catch (error) {
        reply.error = packError(error);
      }
      abandoned.delete(id);
      send(reply);
    });
  });
}

/** What answers each call, in whatever process. */
export function handlersOf(kind: RunnerKind): Handlers {
  const runners = new Map<string, Runner>();
  const runner = (model: string): Runner =>
    runners.get(model) ??
    fail('E_SERVE_MODEL', { where: 'model', expected: 'a network that is loaded', got: `"${model}"` });
  return {
    start: async (_, options) => {
      const { notice } = await kind.start(options);
      return { notice };
    },
    load: async (_, model, options) => {
      const broken: BrokenItem[] = [];
      const notes: string[] = [];
      const loaded = await kind.load(
        options,
        ({ error, ...item }) => broken.push({ ...item, error: packError(error) }),
        (note) => notes.push(note),
      );
      runners.get(model)?.dispose();
      runners.set(model, loaded);
      return { ...loaded.describe(), broken, notes };
    },
    unload: (_, model) => {
      runner(model).dispose();
      runners.delete(model);
    },
    infer: async (watch, model, requests) => {
      const answers = await runner(model).inferBatch(requests, watch);
      return answers.map((answer) => (answer instanceof Error ? packError(answer) : answer));
    },
    add: async (_, model, folder) => {
      await runner(model).add(folder);
      return runner(model).describe();
    },
    remove: (_, model, level) => {
      runner(model).remove(level);
      return runner(model).describe();
    },
    refreshBases: async (_, model) => {
      await runner(model).refreshBases();
      return runner(model).describe();
    },
    forget: (_, model, stream) => runners.get(model)?.forget(stream),
  };
}
