import { askPostgres } from './ask';
import { describeFreshDatabases } from './database.cases';
import { freshPostgresDatabase } from './databases';

describeFreshDatabases('PostgreSQL', { freshDatabase: freshPostgresDatabase, ask: askPostgres });
