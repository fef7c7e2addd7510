export class NoCreditError extends Error {}
