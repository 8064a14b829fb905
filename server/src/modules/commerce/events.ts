// What commerce tells the workspace's log.
import { interactionKind } from '@parley/contract/commerce';
import { workState } from '@parley/contract/common';
import { z } from 'zod';
import { defineEvent } from '../../core/events.ts';

export const productChanged = defineEvent({
  type: 'product.changed',
  doc: 'A product was added, changed or archived, or is no longer archived.',
  permission: 'products:read',
  payload: z.object({ productId: z.uuid(), change: z.enum(['created', 'updated', 'archived', 'restored']) }),
});

export const productsImported = defineEvent({
  type: 'products.imported',
  doc: 'Products came from a file: so many were added and changed.',
  permission: 'products:read',
  payload: z.object({ created: z.number(), updated: z.number() }),
  audit: { target: 'products', id: null },
});

export const interactionRecorded = defineEvent({
  type: 'interaction.recorded',
  doc: 'It was recorded that somebody viewed a product, put it into a cart or bought it.',
  permission: 'products:read',
  payload: z.object({ interactionId: z.uuid(), productId: z.uuid(), kind: interactionKind }),
});

export const recommendationModelChanged = defineEvent({
  type: 'recommendation_model.changed',
  doc: 'A model of recommendations came further in its training or to its end (`live`: it is the one in use).',
  permission: 'products:read',
  payload: z.object({ modelId: z.uuid(), state: workState, progress: z.number(), live: z.boolean() }),
});
