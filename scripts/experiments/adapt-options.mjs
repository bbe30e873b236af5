/**
 * One part of experiments/NAME/config.json as options of a command, a word a line, for scripts/experiments/adapt-onnx.sh:
 *
 *   node scripts/experiments/adapt-options.mjs CONFIG pictures|import|adapt
 *   node scripts/experiments/adapt-options.mjs CONFIG network registry
 *
 * A list is an option with several values for the program that draws pictures, and an option that is repeated for gearnn. `${NAME}` stands for a
 * variable of the environment.
 */
import { readFileSync } from 'node:fs';

const [path, part, field] = process.argv.slice(2);
const values = JSON.parse(readFileSync(path, 'utf8'))[part];
if (field !== undefined) console.log(values[field]);
else for (const word of Object.entries(values).flatMap(wordsOf)) console.log(word);

/** @param {[string, unknown]} entry */
function wordsOf([name, value]) {
  const texts = [value].flat().map((one) => withVariables(String(one)));
  return part === 'pictures' ? [`--${name}`, ...texts] : texts.flatMap((text) => [`--${name}`, text]);
}

/** @param {string} text */
function withVariables(text) {
  return text.replace(/\$\{(\w+)\}/g, (_, name) => {
    const value = process.env[name];
    if (value) return value;
    console.error(`${path}: set ${name} to the folder of the data`);
    process.exit(2);
  });
}
