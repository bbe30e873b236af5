// Stands for `gearnn` in a test of a script: refuses and goes on as the real one does, and writes files that say what they stand for.
// What it makes it notes in made.log; what STOPS_AT names there it does not make.
import { appendFileSync, existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

const [command, ...parameters] = process.argv.slice(2);
const option = (name) => (parameters.includes(name) ? parameters[parameters.indexOf(name) + 1] : undefined);
const out = option('--out');
const checkpoint = ['config.json', 'model.safetensors'];
const adaptor = ['adaptor_config.json', 'adaptor.safetensors'];
const names = {
  train: checkpoint,
  finetune: option('--split') ? adaptor : checkpoint,
  split: [''],
  eval: [],
}[command];

for (const input of ['--checkpoint', '--base', '--tuned', '--split', '--adaptors'].map(option))
  if (input !== undefined && !existsSync(input)) stop(`${input} is not there`);
const results = names.map((name) => join(out, name));
const there = results.find((path) => existsSync(path));
if (there !== undefined && parameters.includes('--resume')) process.exit(0);
if (there !== undefined && !parameters.includes('--force')) stop(`E_OUT_EXISTS ${there}`);

const made = [command, option('--level'), option('--split') && 'adaptor'].filter(Boolean).join(' ');
if (made === process.env.STOPS_AT) stop('interrupted');
for (const path of results) {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, made);
}
appendFileSync('made.log', `${made}\n`);

function stop(message) {
  console.error(message);
  process.exit(1);
}
