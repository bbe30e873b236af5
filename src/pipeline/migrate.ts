import { canonicalJson } from '../common/files.js';
import { IMAGENET } from '../models/preprocessing.js';
import { isObject, type Json } from './graph.js';
import { without } from './without.js';

/**
 * What settings, and fields of outputs, are by default. With that value they are no part of an identity: a setting that is new leaves what
 * was made before it was where it is.
 */
const DEFAULTS: Readonly<Record<string, Json>> = {
  /** Size that networks see small pictures at. */
  inferSize: 'received',
  /** What items are chosen by, and the seed of what chooses without one. */
  values: 'change',
  choose: 'knapsack',
  seed: null,
  /** Whether answers are compared with the base's own, for want of labels. */
  agreement: false,
  /** Forms of the networks that examples show, by method. */
  methods: { original: 'original', adaptor: 'adaptor', switching: 'switching' },
  /** Of a base. */
  preprocessing: { mean: IMAGENET.mean, std: IMAGENET.std },
};

/** Settings that describe an engine; they had its number of threads among them while stamps were of version 1. */
const ENGINES = ['engine', 'evaluate'] as const;

/** Settings, or an output, in the form that addresses are made of, whichever version of gearnn wrote them. */
export function presentForm(value: Json): Json {
  if (!isObject(value)) return value;
  const isDefault = ([name, own]: [string, Json | undefined]): boolean =>
    Object.hasOwn(DEFAULTS, name) && own !== undefined && canonicalJson(own) === canonicalJson(DEFAULTS[name]!);
  return mapEngines(Object.fromEntries(Object.entries(value).filter((entry) => !isDefault(entry))), (engine) =>
    without(engine, 'threads'),
  );
}

/** Settings as stamps of version 1 had them, where the engine ran with so many threads. */
export function formerSettings(settings: Json, threads: number): Json {
  return isObject(settings) ? mapEngines(settings, (engine) => ({ ...engine, threads })) : settings;
}

/** A stamp of any version as one of the present; what is none stays, for the schema to name. */
export function presentStamp(stamp: unknown): unknown {
  if (!isObject(stamp as Json)) return stamp;
  const { version, step, ...rest } = stamp as { readonly [name: string]: Json | undefined };
  if (version !== 1 || !isObject(step)) return stamp;
  const { settings } = step;
  const threads = isObject(settings) && isObject(settings['engine']) ? settings['engine']['threads'] : undefined;
  return { ...rest, version: 2, step: presentIdentity(step), ...(threads !== undefined && { threads }) };
}

/** An identity that any version of gearnn wrote, in the present form. */
export function presentIdentity<T extends { readonly settings?: Json }>(identity: T): T {
  return { ...identity, settings: presentForm(identity.settings ?? null) };
}

type Fields = { readonly [name: string]: Json | undefined };

function mapEngines(settings: Fields, map: (engine: Fields) => Fields): Fields {
  const mapped = ENGINES.flatMap((name) => {
    const engine = settings[name];
    return isObject(engine) ? [[name, map(engine)] as const] : [];
  });
  return { ...settings, ...Object.fromEntries(mapped) };
}
