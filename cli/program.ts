import { Command } from 'commander';
import { gearnnVersion } from '../src/common/version.js';
import { commands } from './commands.js';
import { verboseOption } from './options.js';
import { writeTo } from './streams.js';
import { guardValues } from './values.js';

/**
 * The whole command line as one commander program; nothing is run, so the CLI reference is generated from it too.
 * Wrong calls are thrown as commander's `CommanderError` (never an exit from here).
 */
export function createProgram(): Command {
  const program = new Command('gearnn')
    .description(
      'Keeps a vision network accurate while the quality of its input changes: one shared network, and a small adaptor of weights per level of distortion.',
    )
    .version(gearnnVersion(), '-V, --version', 'print the version')
    .addOption(verboseOption())
    .helpOption('-h, --help', 'show help')
    .helpCommand('help [command]', 'show the help of a command')
    .configureHelp({ showGlobalOptions: true })
    .showSuggestionAfterError()
    .exitOverride()
    .configureOutput({
      writeOut: (text) => writeTo('out', text, 'result'),
      writeErr: (text) => writeTo('err', text, 'message'),
      outputError: (text, write) => write(text.replace(/^error: /, 'gearnn: ')),
    })
    .addHelpText('after', '\nExamples:\n  $ gearnn doctor\n  $ gearnn demo\n  $ gearnn train --help');
  for (const register of commands) register(program);
  for (const command of program.commands) nameHelp(command, `gearnn ${command.name()}`);
  guardValues(program);
  return program;
}

/** Says after a wrong call which help to read, for a command and its subcommands. */
function nameHelp(command: Command, path: string): void {
  command.showHelpAfterError(`Run \`${path} --help\` for its options.`);
  for (const inner of command.commands) nameHelp(inner, `${path} ${inner.name()}`);
}
