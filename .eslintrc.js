'use strict';
// A flat config, read through `eslint --config .eslintrc.js`: the file keeps the name that Nest projects know.
const js = require('@eslint/js');
const prettier = require('eslint-config-prettier');
const { importX } = require('eslint-plugin-import-x');
const tseslint = require('typescript-eslint');

/** One folder of lib and what it may not import, so that the arrows run nest → core ← backends. */
const arrow = (target, from, message) => ({
  target: `./lib/${target}/**/*`,
  from: from.map((folder) => `./lib/${folder}`),
  message,
});

const nestPackages = ['@nestjs/*'];
const databasePackages = ['typeorm', 'pg', 'mysql2', 'mysql2/*', 'better-sqlite3', 'sqlite3', 'fivebeans'];
const forbidPackages = (files, group, message) => ({
  files,
  rules: { 'no-restricted-imports': ['error', { patterns: [{ group, message }] }] },
});

module.exports = tseslint.config(
  { ignores: ['**/dist/**', '**/node_modules/**', '**/out/**', '**/results/**'] },
  // The types of its client are made when it is run, and it is compiled then.
  { ignores: ['sample/04-transactional/prisma/src/**'] },
  js.configs.recommended,
  {
    files: ['**/*.ts'],
    extends: [...tseslint.configs.recommendedTypeChecked],
    plugins: { 'import-x': importX },
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: __dirname } },
    // Without the extensions, no-cycle passes over every TypeScript file.
    settings: { 'import-x/resolver': { typescript: true, node: true }, 'import-x/extensions': ['.ts'] },
    rules: {
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': [
        'error',
        { considerDefaultExhaustiveForUnions: true },
      ],
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_' }],
      // An async method may have nothing to await where an interface asks for a promise.
      '@typescript-eslint/require-await': 'off',
      'import-x/no-cycle': 'error',
      'import-x/order': [
        'error',
        {
          alphabetize: { order: 'asc' },
          // Samples import the package by its own name.
          pathGroups: [{ pattern: 'nestjs-simple-job-queue{,/**}', group: 'external' }],
          pathGroupsExcludedImportTypes: [],
        },
      ],
      'import-x/no-restricted-paths': [
        'error',
        {
          basePath: __dirname,
          zones: [
            arrow(
              'core',
              ['nest/**/*', 'board/**/*', 'backends/**/*', 'command/**/*', 'testing/**/*', '*.ts'],
              'core knows neither Nest nor a backend',
            ),
            arrow(
              'backends',
              ['nest/**/*', 'board/**/*', 'command/**/*', 'testing/**/*', '*.ts'],
              'backends know core alone',
            ),
            ...['sql', 'beanstalkd', 'memory'].map((backend) =>
              arrow(
                `backends/${backend}`,
                [`backends/!(${backend})/**/*`, 'backends/*.ts'],
                'a backend knows no other backend',
              ),
            ),
            arrow(
              'nest',
              ['board/**/*', 'backends/**/*', 'command/**/*', 'testing/**/*', '*.ts'],
              'nest knows core alone',
            ),
            arrow(
              'board',
              ['backends/**/*', 'command/**/*', 'testing/**/*', '*.ts'],
              'the board knows nest and core',
            ),
            arrow(
              'opentelemetry',
              ['nest/**/*', 'backends/**/*', 'command/**/*', 'testing/**/*', '*.ts'],
              'telemetry knows core alone',
            ),
            arrow(
              'terminus',
              ['backends/**/*', 'command/**/*', 'testing/**/*', '*.ts'],
              'the health indicator knows core and Nest’s part',
            ),
            arrow(
              'command',
              ['nest/**/*', 'board/**/*', 'backends/**/*', 'testing/**/*', 'bin/**/*', '*.ts'],
              'the command knows core alone',
            ),
          ],
        },
      ],
    },
  },
  {
    files: ['lib/**/*.ts'],
    rules: { 'max-lines': ['error', { max: 250, skipBlankLines: true, skipComments: true }] },
  },
  forbidPackages(
    ['lib/core/**/*.ts', 'lib/backends/memory/**/*.ts'],
    [...nestPackages, ...databasePackages, 'rxjs'],
    'core imports node:* only',
  ),
  forbidPackages(['lib/backends/{sql,beanstalkd}/**/*.ts'], nestPackages, 'only lib/nest imports Nest'),
  forbidPackages(
    ['lib/{command,bin}/**/*.ts'],
    [...nestPackages, ...databasePackages],
    'the command runs without the application',
  ),
  forbidPackages(
    ['lib/{nest,board,testing}/**/*.ts'],
    databasePackages,
    'only backends import a database package',
  ),
  {
    files: ['**/*.js', '**/*.cjs', '**/*.mjs'],
    languageOptions: {
      globals: {
        require: 'readonly',
        module: 'writable',
        process: 'readonly',
        console: 'readonly',
        __dirname: 'readonly',
      },
    },
  },
  {
    files: ['sample/*/public/*.js'],
    languageOptions: {
      globals: {
        document: 'readonly',
        EventSource: 'readonly',
        fetch: 'readonly',
        FormData: 'readonly',
      },
    },
  },
  prettier,
);
