import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type EngineManifest } from '../../../src/engine/install/manifest.js';

export interface FakeEngine {
  version?: string;
  gpu?: boolean;
  /** As `addonSources()`; none in engines of an older gearnn. */
  sources?: string;
  platform?: string;
  /** Path -> content. */
  files?: Record<string, string | Buffer>;
}

/** Lays an installed engine into a cache folder, without installing anything; returns its folder. */
export function writeEngine(home: string, engine: FakeEngine = {}): string {
  const { version = '2.21.0', gpu = false, platform = `${process.platform}-${process.arch}` } = engine;
  const { files = { 'tfjs_binding.node': 'binding', 'lib/library': 'library' } } = engine;
  const name = `tensorflow-${version}-${platform}-${gpu ? 'gpu' : 'cpu'}`;
  const folder = join(home, 'engines', name);
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), content);
  }
  const manifest: EngineManifest = {
    format: 'gearnn-engine',
    version: 1,
    name,
    tensorflow: version,
    platform,
    gpu,
    tfjsNode: '4.22.0',
    napi: 8,
    wheels: [],
    compiler: 'none',
    sources: engine.sources,
    installed: '2026-01-01T00:00:00.000Z',
    files: Object.entries(files).map(([path, content]) => ({
      path,
      size: Buffer.byteLength(content),
      sha256: createHash('sha256').update(content).digest('hex'),
    })),
  };
  writeFileSync(join(folder, 'manifest.json'), JSON.stringify(manifest));
  return folder;
}
