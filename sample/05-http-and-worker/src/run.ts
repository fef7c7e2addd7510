import { once } from 'node:events';
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { Browser } from './browser';
import { SampleProcess } from './processes';
import type { FoundReport, Progress } from './reports/reports.service';

const OUT = join(__dirname, '..', 'out');
const PAGES = 5;

/** Starts a web process and a worker; with `--serve` for your browser, else for one that is played here. */
async function main(): Promise<void> {
  rmSync(OUT, { recursive: true, force: true });
  mkdirSync(OUT);
  const serve = process.argv.includes('--serve');
  const queue = { JOB_QUEUE_URL: process.env['JOB_QUEUE_URL'] ?? `sqlite:${join(OUT, 'jobs.sqlite')}` };
  const web = new SampleProcess('web.js', serve ? queue : { ...queue, PORT: '0' });
  const processes = [web];
  try {
    const url = await web.line('listening at ');
    processes.push(new SampleProcess('worker.js', queue));
    if (serve) {
      console.log(`Open ${url} in a browser; Ctrl+C ends it.`);
      await once(process, 'SIGINT');
    } else await play(new Browser(url));
  } finally {
    await Promise.all(processes.map((it) => it.stop()));
  }
}

async function play(browser: Browser): Promise<void> {
  const { status, body } = await browser.post<{ id: string }>('/reports', { reader: 'Ann', pages: PAGES });
  const report = `/reports/${body.id}`;
  console.log(`POST /reports answers ${status}: report ${body.id} is ordered`);

  console.log(`GET ${report}/progress, while the worker process writes:`);
  for await (const news of browser.listen<Progress>(`${report}/progress`)) {
    console.log('text' in news ? '  done' : `  page ${news.page} of ${news.of}`);
    if ('page' in news && news.page === 3) {
      const { state, log } = await browser.get<FoundReport>(report);
      console.log(`GET ${report} answers: ${state}; ${log.join('; ')}`);
    }
  }

  const { state, text } = await browser.get<FoundReport>(report);
  console.log(`GET ${report} answers: ${state}; ${text}`);
}

// Whoever reads the output may have read enough (`| head`), and a signal ends this process without a word otherwise.
process.stdout.on('error', () => process.exit());
process.once('SIGTERM', () => process.exit(143));

main().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
