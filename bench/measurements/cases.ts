import type { MeasurementName } from '../catalogue';
import { boardCases } from './board';
import { churnCases } from './churn';
import { enqueueCases } from './enqueue';
import { growthCases } from './growth';
import { idleCases } from './idle';
import { keptCases } from './kept';
import { latencyCases } from './latency';
import type { Cases } from './measurement';
import { passageCases } from './passage';
import { processCases } from './process';
import { telemetryCases } from './telemetry';
import { uniqueCases } from './unique';

export const casesOf: Record<MeasurementName, Cases> = {
  enqueue: enqueueCases,
  process: processCases,
  latency: latencyCases,
  growth: growthCases,
  passage: passageCases,
  churn: churnCases,
  idle: idleCases,
  unique: uniqueCases,
  kept: keptCases,
  board: boardCases,
  telemetry: telemetryCases,
};
