import { join } from 'node:path';
import sharp from 'sharp';
import { z } from 'zod';
import { canonicalJson, sha256 } from '../common/files.js';
import { readJsonFile } from '../common/json-file.js';
import { TASK_NAMES } from '../tasks/names.js';
import type { Targets } from '../tasks/task.js';
import type { Level } from './level.js';
import { distortionOf } from './registry.js';

export const MANIFEST = 'manifest.json';

const hash = z.string().regex(/^[0-9a-f]{64}$/);
const byte = z.int().min(0).max(255);

/** One file of a distorted copy. */
export const fileSchema = z.strictObject({
  /** In the copy, relative to its folder. */
  path: z.string().min(1),
  /** In the source; the sample's id where the source has no files. */
  from: z.string(),
  /** SHA-256 of the source's file, or of its pixels where it has no files. */
  source: hash,
  sha256: hash,
  /** Bytes. */
  size: z.int().nonnegative(),
});

/** What `manifest.json` of a dataset at a level says; docs/formats.md explains it field by field. */
const manifestSchema = z.strictObject({
  format: z.literal('gearnn-distorted'),
  version: z.literal(1),
  level: z.string().min(1),
  source: z.strictObject({
    spec: z.string(),
    /** Absolute; null where the source is procedural. */
    root: z.string().nullable(),
    name: z.string(),
    /** Of all the source's files with their paths: equal hashes, equal sources. */
    hash,
  }),
  /** Of labels that are texts, names of classes or objects: what they are for; `none` where there are none; left out where they are files of label maps. */
  task: z.enum([...TASK_NAMES, 'none']).optional(),
  classes: z.array(
    z.strictObject({ name: z.string(), color: z.tuple([byte, byte, byte]), unused: z.literal(true).optional() }),
  ),
  ignore: z.int().min(-1).max(255),
  /** Images may be smaller than their label maps. */
  resized: z.literal(true).optional(),
  /** Versions of what decoded and encoded. */
  codecs: z.record(z.string(), z.string()),
  splits: z.record(z.string(), z.array(z.strictObject({ image: z.string(), label: z.string() }))),
  files: z.array(fileSchema),
});

export type ManifestFile = z.infer<typeof fileSchema>;
export type Manifest = z.infer<typeof manifestSchema>;

/** Versions of the libraries that decode and encode images, and what else the level's kinds name, by name. */
export async function codecsOf(level: Level): Promise<Record<string, string>> {
  const names = ['sharp', 'vips', 'mozjpeg', 'jpeg', 'png', 'spng', 'zlib-ng', 'zlib'];
  const versions = sharp.versions as Record<string, string | undefined>;
  const images = names.flatMap((name) => (versions[name] ? [[name, versions[name]] as const] : []));
  const others = await Promise.all(level.steps.map(({ kind, gop }) => distortionOf(kind).codecs?.(gop) ?? {}));
  return Object.assign(Object.fromEntries(images), ...others) as Record<string, string>;
}

/** What a file depends on beside its source: files made with another stamp are made again. */
export function stampOf(parts: Pick<Manifest, 'level' | 'classes' | 'ignore' | 'codecs'>): string {
  const { level, classes, ignore, codecs } = parts;
  return sha256(canonicalJson({ version: 1, level, classes, ignore, codecs }));
}

/** What a manifest and a `dataset.json` say of the task. */
export function taskEntry({ name }: Targets): Pick<Manifest, 'task'> {
  return name === 'segmentation' ? {} : { task: name };
}

/** One hash of all the source's files, whatever their order. */
export function sourceHash(files: readonly ManifestFile[]): string {
  return sha256(canonicalJson(files.map(({ from, source }) => [from, source]).sort()));
}

/** What a manifest says of some of its splits. */
export function partOf(manifest: Manifest, wanted: readonly string[]): Manifest {
  const splits = Object.fromEntries(Object.entries(manifest.splits).filter(([split]) => wanted.includes(split)));
  const samples = Object.values(splits).flat();
  const paths = new Set(samples.flatMap(({ image, label }) => [image, label]));
  return { ...manifest, splits, files: manifest.files.filter(({ path }) => paths.has(path)) };
}

/** @throws E_DISTORT_DAMAGED if it is missing or not one */
export function readManifest(folder: string): Promise<Manifest> {
  return readJsonFile(join(folder, MANIFEST), manifestSchema, {
    code: 'E_DISTORT_DAMAGED',
    expected: 'the manifest of a distorted dataset, version 1',
    todo: 'Run gearnn distort again with --force, which makes the folder anew.',
  });
}
