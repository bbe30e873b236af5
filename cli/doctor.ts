import type { Command } from 'commander';
import type { Check } from '../src/engine/doctor.js';
import { type Context, withContext } from './context.js';
import { addExamples, jsonOption } from './options.js';
import { formatTable, paint, printJson, stdout } from './output.js';

const STYLES = { ok: 'green', note: 'yellow', missing: 'red' } as const;

/** `gearnn doctor` */
export function register(program: Command): void {
  const command = program
    .command('doctor')
    .description('check the machine and the engines; for everything missing, show the command that installs it')
    .addOption(jsonOption())
    .action(withContext(doctor));
  addExamples(command, 'gearnn doctor', 'gearnn doctor --json');
}

async function doctor({ json }: Context): Promise<void> {
  const { diagnose } = await import('../src/engine/doctor.js');
  const { home, checks, engines } = await diagnose();
  if (engines.length === 0) process.exitCode = 1;
  if (json) return printJson({ ok: engines.length > 0, home, engines, checks });
  stdout(formatChecks(checks));
  const [best] = engines;
  if (best === undefined) return stdout('No engine works here. Run the commands above.');
  const others = engines.slice(1).map(({ name }) => name);
  stdout(
    `gearnn computes on ${best.name} ${best.version}${others.length > 0 ? `; ${others.join(', ')} works too` : ''}.`,
  );
}

/** One line a check, and the remedy on a line of its own below, to be copied. */
function formatChecks(checks: Check[]): string {
  const lines = formatTable(
    checks.map(({ status, name, found }) => [status, name, found]),
    { align: ['left', 'left', 'left'] },
  ).split('\n');
  return lines
    .flatMap((line, i) => {
      const { status, remedy } = checks[i]!;
      const painted = paint(STYLES[status], line.slice(0, status.length)) + line.slice(status.length);
      return remedy === undefined ? [painted] : [painted, `         run: ${remedy}`];
    })
    .join('\n');
}
