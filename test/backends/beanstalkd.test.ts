import { beanstalkdBackend } from '../../lib/beanstalkd';
import { backendConformance } from '../../lib/testing/conformance/backend-conformance';
import { beanstalkdUrl } from '../support/test-servers';

backendConformance('beanstalkd', async () => {
  const backend = beanstalkdBackend(beanstalkdUrl());
  await backend.connect();
  return { backend, close: () => backend.close() };
});
