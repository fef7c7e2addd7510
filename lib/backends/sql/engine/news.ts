import type { ClaimOrder } from './claim-order';

/** Jobs became ready: in that pipeline, or in any; from that place in the order of claims on, or anywhere. */
export interface News {
  readonly pipeline?: string;
  readonly first?: ClaimOrder;
}

export type PipelineNews = News & { readonly pipeline: string };
