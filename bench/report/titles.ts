import type { Backend } from '../catalogue';

/** As a reader knows the systems. */
export const titles: Readonly<Record<Backend, string>> = {
  postgres: 'PostgreSQL',
  mysql: 'MariaDB',
  sqlite: 'SQLite',
  beanstalkd: 'beanstalkd',
};
