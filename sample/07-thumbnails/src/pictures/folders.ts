import { mkdirSync } from 'node:fs';
import { join } from 'node:path';

/** What both processes see. On two machines, that is a bucket. */
export const FOLDER = process.env['PICTURES_FOLDER'] ?? join(__dirname, '../../out');
export const UPLOADS = join(FOLDER, 'uploads');
export const THUMBNAILS = join(FOLDER, 'thumbnails');

for (const folder of [UPLOADS, THUMBNAILS]) mkdirSync(folder, { recursive: true });
