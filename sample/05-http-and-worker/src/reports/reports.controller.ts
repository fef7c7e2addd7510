import {
  Body,
  Controller,
  Get,
  Header,
  type MessageEvent,
  Param,
  ParseIntPipe,
  Post,
  Sse,
} from '@nestjs/common';
import { map, type Observable } from 'rxjs';
import { PAGE } from './page';
import { type FoundReport, ReportsService } from './reports.service';

@Controller()
export class ReportsController {
  constructor(private readonly reports: ReportsService) {}

  @Get()
  @Header('content-type', 'text/html; charset=utf-8')
  page(): string {
    return PAGE;
  }

  @Post('reports')
  async order(
    @Body('reader') reader: string,
    @Body('pages', ParseIntPipe) pages: number,
  ): Promise<{ id: string }> {
    return { id: await this.reports.order(reader, pages) };
  }

  @Get('reports/:id')
  find(@Param('id') id: string): Promise<FoundReport> {
    return this.reports.find(id);
  }

  @Sse('reports/:id/progress')
  progress(@Param('id') id: string): Observable<MessageEvent> {
    return this.reports.progress(id).pipe(map((data) => ({ data })));
  }
}
