export { openTelemetry, type OpenTelemetryOptions } from './opentelemetry/open-telemetry';
export type { Telemetry } from './core/telemetry/telemetry';
