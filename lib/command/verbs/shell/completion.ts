import { Argument, type Command } from 'commander';
import type { Session } from '../../session';
import { completionScript, SHELLS, type Shell } from './completion-script';

const EXAMPLES = `
Examples:
  $ source <(job-queue completion bash)                                    in ~/.bashrc
  $ job-queue completion zsh > "\${fpath[1]}/_job-queue"`;

export function completionVerb(program: Command, { screen }: Session): void {
  program
    .command('completion')
    .description('print a script that completes this command in a shell')
    .addArgument(new Argument('<shell>', 'which one').choices(SHELLS))
    .addHelpText('after', EXAMPLES)
    .action((shell: Shell) => screen.write(completionScript(program, shell)));
}
