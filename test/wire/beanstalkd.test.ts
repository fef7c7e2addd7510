import { speakBeanstalkd } from '../support/clients';
import { startBeanstalkd } from '../support/servers/beanstalkd';
import { describeWire } from './wire-cases';

describeWire('beanstalkd', async () => {
  // A server of its own, because the tube of the document belongs to this test alone.
  const server = await startBeanstalkd();
  return {
    backend: () => server.url,
    client: (lines) => speakBeanstalkd(server.url, lines),
    close: () => server.remove(),
  };
});
