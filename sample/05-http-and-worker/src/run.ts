import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { Browser } from './browser';
import { FILE } from './database';
import { SampleProcess } from './processes';
import type { Progress } from './reports/reports.service';

const PAGES = 5;

/** Starts a web process and a worker; with `--serve` for your browser, else for one that is played here. */
async function main(): Promise<void> {
  for (const end of ['', '-wal', '-shm']) rmSync(FILE + end, { force: true });
  const serve = process.argv.includes('--serve');
  const web = new SampleProcess('web.js', serve ? {} : { PORT: '0' });
  const processes = [web];
  try {
    const url = await web.line('listening at ');
    processes.push(new SampleProcess('worker.js'));
    if (serve) {
      console.log(`Open ${url} in a browser; Ctrl+C ends it.`);
      await once(process, 'SIGINT');
    } else await play(new Browser(url));
  } finally {
    await Promise.all(processes.map((it) => it.stop()));
  }
}

async function play(browser: Browser): Promise<void> {
  const ordered = await browser.post('/reports', { reader: 'Ann', pages: PAGES });
  const { id } = ordered.body as { id: number };
  console.log(`POST /reports answers ${ordered.status}: report ${id} is ordered`);

  console.log(`GET /reports/${id}/progress, while the worker process writes:`);
  await browser.listen(`/reports/${id}/progress`, (data) => {
    const news = data as Progress;
    console.log('text' in news ? '  done' : `  page ${news.page} of ${news.of}`);
  });

  const { text } = (await browser.get(`/reports/${id}`)) as { text: string };
  console.log(`GET /reports/${id} answers: ${text}`);
}

// Whoever reads the output may have read enough (`| head`), and a signal ends this process without a word otherwise.
process.stdout.on('error', () => process.exit());
process.once('SIGTERM', () => process.exit(143));

main().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
