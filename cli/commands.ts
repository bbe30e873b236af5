import type { Command } from 'commander';
import { register as adapt } from './adapt.js';
import { register as adaptor } from './adaptor.js';
import { register as bench } from './bench.js';
import { register as calibrate } from './calibrate.js';
import { register as data } from './data.js';
import { register as demo } from './demo.js';
import { register as distort } from './distort.js';
import { register as doctor } from './doctor.js';
import { register as engine } from './engine.js';
import { register as evaluate } from './eval.js';
import { register as experiment } from './experiment.js';
import { register as exporter } from './export.js';
import { register as finetune } from './finetune.js';
import { register as frequency } from './frequency.js';
import { register as importer } from './import.js';
import { register as infer } from './infer.js';
import { register as model } from './model.js';
import { register as plan } from './plan.js';
import { register as report } from './report.js';
import { register as serve } from './serve.js';
import { register as split } from './split.js';
import { register as train } from './train.js';
import { register as worker } from './worker.js';

/**
 * Every command, in the order of `gearnn --help`: one import and one line each. The files load here, so they import what is
 * heavy (engine, networks, images) inside their action, with `await import()`; test/architecture/startup.test.ts holds that.
 */
export const commands: ((program: Command) => void)[] = [
  data,
  distort,
  plan,
  adapt,
  calibrate,
  adaptor,
  train,
  finetune,
  split,
  evaluate,
  frequency,
  experiment,
  worker,
  infer,
  serve,
  exporter,
  report,
  model,
  importer,
  engine,
  doctor,
  bench,
  demo,
];
