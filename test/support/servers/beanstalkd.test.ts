import { askBeanstalkd } from '../ask';
import { startBeanstalkd } from './beanstalkd';
import { describePrivateServer } from './private-server.cases';

describePrivateServer('beanstalkd', {
  start: startBeanstalkd,
  store: async (url) => (await askBeanstalkd(url, 'put 0 0 60 3\r\njob')).replace('INSERTED ', ''),
  isStored: async (url, id) => (await askBeanstalkd(url, `peek ${id}`)).startsWith(`FOUND ${id} `),
});

it('beanstalkd takes jobs up to the size that was asked for', async () => {
  const server = await startBeanstalkd({ maxJobSize: 100_000 });
  const put = (bytes: number) => askBeanstalkd(server.url, `put 0 0 60 ${bytes}\r\n${'x'.repeat(bytes)}`);
  expect(await put(100_000)).toBe('INSERTED 1');
  expect(await put(100_001)).toBe('JOB_TOO_BIG');
  await server.remove();
});
