import { existsSync } from 'node:fs';
import { PrivateFolder } from './private-folder';
import { PrivateServer } from './private-server';

it('A server that ends at once is reported with its last words, and leaves nothing', async () => {
  const folder = await PrivateFolder.create('broken');
  const start = PrivateServer.start({
    name: 'broken server',
    url: 'broken://127.0.0.1',
    port: 0,
    folder,
    command: { file: 'sh', args: ['-c', 'echo no such option; exit 1'] },
    stopSignal: 'SIGTERM',
    answer: () => Promise.reject(new Error('connection refused')),
  });
  await expect(start).rejects.toThrow('broken server ended at once:\nno such option');
  expect(existsSync(folder.path)).toBe(false);
});
