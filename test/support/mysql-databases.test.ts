import { askMysql } from './ask';
import { describeFreshDatabases } from './database.cases';
import { freshMysqlDatabase } from './databases';

describeFreshDatabases('MySQL or MariaDB', { freshDatabase: freshMysqlDatabase, ask: askMysql });
