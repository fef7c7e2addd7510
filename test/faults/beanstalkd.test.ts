import { startBeanstalkd } from '../support/servers/beanstalkd';
import { describeServerFaults } from './server-faults';
import { ServerSystem } from './support/system';

describeServerFaults(new ServerSystem('beanstalkd', startBeanstalkd));
