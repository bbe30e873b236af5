import { z } from 'zod';
import { changes } from './changes.js';
import { items } from './items.js';
import type { AdaptorKind } from './kind.js';
import { lora } from './lora.js';

/** Every kind of adaptor, by the format that its config names; the order is that in which a folder is searched for their files. */
export const adaptorKinds = {
  'gearnn-adaptor': items,
  'gearnn-lora': lora,
  'gearnn-changes': changes,
};

type ConfigOf<Kind> = Kind extends AdaptorKind<infer Config> ? Config : never;

/** What the config of an adaptor holds, of whatever kind. */
export type AdaptorConfig = ConfigOf<(typeof adaptorKinds)[keyof typeof adaptorKinds]>;

/** What a config says of what an adaptor holds; the rest says where it comes from. */
export type KindFields = WithoutEach<AdaptorConfig, 'version' | 'level' | 'base' | 'network' | 'classes' | 'training'>;

/** Each member of a union without some fields. */
export type WithoutEach<Union, Names extends string> = Union extends unknown ? Omit<Union, Names> : never;

/** A config of any kind, told by its `format`. */
export const configSchema = z.discriminatedUnion(
  'format',
  Object.values(adaptorKinds).map(({ schema }) => schema) as unknown as [z.ZodObject],
) as unknown as z.ZodType<AdaptorConfig>;

/** The kind that a config is of. */
export function kindOf({ format }: Pick<AdaptorConfig, 'format'>): AdaptorKind<AdaptorConfig> {
  return adaptorKinds[format] as unknown as AdaptorKind<AdaptorConfig>;
}

/** Names of a kind's two files. */
export function filesOf({ prefix }: Pick<AdaptorKind, 'prefix'>): { config: string; tensors: string } {
  return { config: `${prefix}_config.json`, tensors: `${prefix}.safetensors` };
}

/** Names of the files of all kinds. */
export const ADAPTOR_FILES = Object.values(adaptorKinds).map(filesOf);
