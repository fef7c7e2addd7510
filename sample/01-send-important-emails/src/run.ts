import { command } from './command';
import { demoOptions } from './demo/demo-options';
import { demonstrate } from './demo/demonstration';
import { interruption } from './demo/interruption';

void command('npm run sample -- [--input FILE.csv] [--out FOLDER]', async () => {
  await demonstrate(demoOptions(process.argv.slice(2), process.env), interruption());
});
