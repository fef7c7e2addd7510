import { beanstalkdUrl } from '../support/test-servers';
import { describeCrowd } from './crowd-cases';

describeCrowd('beanstalkd', async () => ({ url: beanstalkdUrl(), close: () => Promise.resolve() }));
