/** What an engine is called. */
export type EngineName = 'tensorflow' | 'wasm' | 'cpu';

export interface LoadOptions {
  /** Threads within an op. */
  threads?: number;
  /** Lets the engine's own messages through. */
  verbose: boolean;
}

/** An engine that is ready to become the active one. */
export interface LoadedEngine {
  /** Of the native library, or of the TensorFlow.js package. */
  version: string;
  threads: number;
  /** Why it does not compute in bf16; null where it does. */
  withoutBf16: string | null;
  /** Whether its graphs can round as bf16 does where it does not compute in it. */
  roundsToBf16: boolean;
  /** Its own folder, where it has one: what is measured of it may be kept there. */
  folder?: string;
  /** A line for the user: what differs from what was asked for. */
  notice?: string;
}

/** One kind of engine: how it is found and loaded. Each is a file of its own and a line in `registry.ts`. */
export interface EngineKind {
  /** Also the name of its TensorFlow.js backend. */
  name: EngineName;
  /** Whether it is there, so that it can be taken without being asked for by name. */
  isInstalled(): Promise<boolean>;
  /** What to say where it is not there and a slower one is taken instead. */
  absence: string;
  /**
   * Loads the engine and registers its backend; once per process, later calls answer from what is loaded.
   *
   * @throws E_ENGINE_MISSING, E_ENGINE_DAMAGED, E_ENGINE_START; E_ENGINE_STARTED for options that cannot change any more
   */
  load(options: LoadOptions): Promise<LoadedEngine>;
}
