import { startPostgres } from '../support/servers/postgres';
import { describeServerFaults } from './server-faults';
import { ServerSystem } from './support/system';

describeServerFaults(new ServerSystem('postgres', startPostgres));
