import { Injectable } from '@nestjs/common';

/** Tells what happens, and when. */
@Injectable()
export class Journal {
  /** The demonstration puts the moved clock in its place. */
  now = (): Date => new Date();

  note(what: string): void {
    console.log(`  ${inBerlin.format(this.now()).replace(',', '')}  ${what}`);
  }
}

const inBerlin = new Intl.DateTimeFormat('en-GB', {
  timeZone: 'Europe/Berlin',
  weekday: 'short',
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
});
