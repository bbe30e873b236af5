// Puts the TensorFlow.js models of an unpacked npm package into folders of their own: NAME/model.json with its shards. Those of nsfwjs are
// scripts that hold the JSON and, in base64, the shards.
import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

const [source, target, prefix] = process.argv.slice(2);
const require = createRequire(import.meta.url);

/** Writes one model; `shard` gives the bytes of a path in its manifest, or copies them. */
function write(name, json, shard) {
  const folder = join(target, `${prefix}-${name}`);
  mkdirSync(folder, { recursive: true });
  for (const { paths } of json.weightsManifest) for (const path of paths) shard(path, join(folder, path));
  writeFileSync(join(folder, 'model.json'), JSON.stringify(json));
  console.error(`${prefix}-${name}`);
}

const plain = join(source, 'models');
for (const file of existsSync(plain) ? readdirSync(plain) : []) {
  if (!file.endsWith('.json')) continue;
  const json = JSON.parse(readFileSync(join(plain, file), 'utf8'));
  if (json.modelTopology) write(file.slice(0, -5), json, (path, to) => copyFileSync(join(plain, path), to));
}

const scripts = join(source, 'dist', 'models');
for (const name of existsSync(scripts) ? readdirSync(scripts) : []) {
  const model = join(scripts, name, 'model.min.js');
  if (!existsSync(model)) continue;
  write(name, require(model), (path, to) => {
    writeFileSync(to, Buffer.from(require(join(dirname(model), `${path}.min.js`)), 'base64'));
  });
}
