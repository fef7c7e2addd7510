import {
  Controller,
  Delete,
  type MessageEvent,
  Param,
  Post,
  Sse,
  SseSignal,
  UploadedFiles,
  UseInterceptors,
} from '@nestjs/common';
import { FilesInterceptor } from '@nestjs/platform-express';
import { map, type Observable } from 'rxjs';
import { UPLOADS } from './folders';
import { PicturesService } from './pictures.service';

/** What multer says of a file that it has stored. */
interface Upload {
  readonly filename: string;
  readonly originalname: string;
}

const MOST_FILES = 50;
const MOST_BYTES = 50_000_000;

@Controller('pictures')
export class PicturesController {
  constructor(private readonly pictures: PicturesService) {}

  @Post()
  @UseInterceptors(
    FilesInterceptor('pictures', MOST_FILES, {
      dest: UPLOADS,
      limits: { fileSize: MOST_BYTES },
      defParamCharset: 'utf8',
    }),
  )
  add(@UploadedFiles() files: readonly Upload[]): Promise<string[]> {
    return this.pictures.add(
      files.map(({ filename, originalname }) => ({ file: filename, name: originalname })),
    );
  }

  @Delete(':id')
  async cancel(@Param('id') id: string): Promise<{ cancelled: boolean }> {
    return { cancelled: await this.pictures.cancel(id) };
  }

  @Sse('news')
  news(@SseSignal() signal: AbortSignal): Observable<MessageEvent> {
    return this.pictures.news(signal).pipe(map((data) => ({ data })));
  }
}
