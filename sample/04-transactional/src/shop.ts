export interface WrittenInvoice {
  readonly customer: string;
  /** At which attempt of the job it was written. */
  readonly attempt: number;
}

/** What is done with a shop, whichever library writes its data. */
export interface Shop {
  place(customer: string, credit: boolean): Promise<void>;
  count(): Promise<number>;
  countJobs(): Promise<number>;
  /** By order. */
  invoices(): Promise<readonly WrittenInvoice[]>;
  clear(): Promise<void>;
}
