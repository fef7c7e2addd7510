import { startMariadb } from '../support/servers/mariadb';
import { describeServerFaults } from './server-faults';
import { ServerSystem } from './support/system';

describeServerFaults(new ServerSystem('mariadb', startMariadb));
