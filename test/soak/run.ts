import { parseArgs } from 'node:util';
import { type System, systems } from './place';
import { soak } from './soak';

const USAGE = `npm run test:soak -- [options]

  --system <name>     ${systems.join(', ')}; default: postgres
  --minutes <number>  how long things are broken; default: 3
  --seed <number>     the same seed makes the same choices; default: 1`;

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      system: { type: 'string', default: 'postgres' },
      minutes: { type: 'string', default: '3' },
      seed: { type: 'string', default: '1' },
    },
  });
  const system = systems.find((name) => name === values.system);
  const minutes = Number(values.minutes);
  const seed = Number(values.seed);
  if (system === undefined || !(minutes > 0) || !Number.isInteger(seed)) {
    console.error(USAGE);
    process.exitCode = 2;
    return;
  }
  await report(system, minutes * 60, seed);
}

async function report(system: System, seconds: number, seed: number): Promise<void> {
  const { added, faults, runs, violations, failures, history } = await soak({
    system,
    seconds,
    seed,
    tell: (line) => console.log(line),
  });
  for (const { rule, task, detail } of violations) console.log(`BROKEN: ${rule}: task ${task}: ${detail}`);
  for (const failure of failures) console.log(`FAILED: ${failure}`);
  const broken = violations.length + failures.length;
  console.log(
    `${system}, seed ${seed}: ${added} jobs added, ${runs} runs, ${faults} faults: ` +
      (broken === 0 ? 'every promise was kept.' : `${broken} broken promises; the history is ${history}`),
  );
  process.exitCode = broken === 0 ? 0 : 1;
}

main().then(
  // Connections that were swallowed would hold the process.
  () => process.exit(),
  (error: unknown) => {
    console.error(error);
    process.exit(1);
  },
);
