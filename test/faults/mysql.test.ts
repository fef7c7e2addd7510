import { startMysql } from '../support/servers/mysql';
import { describeServerFaults } from './server-faults';
import { ServerSystem } from './support/system';

describeServerFaults(new ServerSystem('mysql', () => startMysql()));
