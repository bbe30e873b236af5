import { GearnnError, type ErrorCode, type ErrorParts } from '../../common/errors.js';
import type { EngineOptions } from '../../engine/start.js';
import type { Frame, InferOptions, Inference, ModelDescription } from '../inference.js';

/** A network to load, and how it is run. */
export interface LoadOptions {
  /** Folder of the checkpoint. */
  checkpoint: string;
  /** Folder of its adaptors. */
  adaptors?: string;
  /** What a level between two trained ones gets: the nearest adaptor, or a blend of both. */
  between?: 'nearest' | 'interpolate';
  /** An image as undistorted frames are: brightness is read against it. */
  reference?: string;
  /** Takes so many first frames of each stream for that instead. */
  calibrate?: number;
  /** Size of an undistorted frame, which resolutions are compared with. */
  size?: { width: number; height: number };
}

export interface FrameRequest {
  frame: Frame;
  options?: InferOptions;
}

/** What the engine process does, by name: arguments and result. Networks are told apart by the name they are served under. */
export interface EngineCalls {
  start(options: EngineOptions): { notice?: string };
  load(model: string, options: LoadOptions): ModelDescription;
  unload(model: string): void;
  infer(model: string, requests: FrameRequest[]): (Inference | WireError)[];
  add(model: string, folder: string): ModelDescription;
  remove(model: string, level: string): ModelDescription;
  forget(model: string, stream: string): void;
}

export type EngineCall = keyof EngineCalls;

/** One call, as it travels to the engine process. */
export interface CallMessage {
  id: number;
  call: EngineCall;
  parameters: unknown[];
}

/** Its answer. */
export interface ReplyMessage {
  id: number;
  value?: unknown;
  error?: WireError;
  /** Bytes of the engine process in memory. */
  resident: number;
}

/** An error on its way between processes, where classes and causes do not travel. */
export interface WireError {
  error: { code?: ErrorCode; parts?: ErrorParts; message: string; stack?: string };
}

export function toWire(error: unknown): WireError {
  if (error instanceof GearnnError) {
    const { where, expected, got, todo } = error.parts;
    return { error: { code: error.code, parts: { where, expected, got, todo }, message: error.message } };
  }
  const { message, stack } = error instanceof Error ? error : new Error(String(error));
  return { error: { message, stack } };
}

export function fromWire({ error }: WireError): Error {
  if (error.code && error.parts) return new GearnnError(error.code, error.parts);
  const plain = new Error(error.message);
  if (error.stack) plain.stack = error.stack;
  return plain;
}

export function isWireError(value: object): value is WireError {
  return 'error' in value;
}
