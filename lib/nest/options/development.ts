/**
 * Whether this process restarts whenever a file is saved: `NODE_ENV=development`, an npm, pnpm or yarn script such as
 * `nest start --watch`, or `node --watch`.
 */
export function isDevelopment(environment: NodeJS.ProcessEnv = process.env): boolean {
  const { NODE_ENV, npm_lifecycle_script: script = '', WATCH_REPORT_DEPENDENCIES } = environment;
  if (NODE_ENV !== undefined && NODE_ENV !== '') return NODE_ENV === 'development';
  return WATCH_REPORT_DEPENDENCIES !== undefined || /(^|\s)"?(--watch|-w|watch)"?(\s|$)/.test(script);
}
