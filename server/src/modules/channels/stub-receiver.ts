// TEMPORARY
import { modules } from '../../app.ts';
import type { Module } from '../../core/module.ts';
import { work } from '../../core/queue.ts';
import { ProviderPayloadError } from './adapter.ts';
import { deliveryReceived, readDelivery, settleDelivery } from './deliveries.ts';

export const stub: Module[] = modules.some((m) => m.name === 'conversations')
  ? []
  : [
      {
        name: 'stub',
        jobs: [
          work(deliveryReceived, async (tx, { deliveryId }) => {
            const delivery = await readDelivery(tx, deliveryId);
            if (!delivery || delivery.status === 'processed') return;
            try {
              delivery.events();
            } catch (error) {
              if (!(error instanceof ProviderPayloadError)) throw error;
              return settleDelivery(tx, deliveryId, 'failed', 'unreadable');
            }
            await settleDelivery(tx, deliveryId, 'processed');
          }),
        ],
      },
    ];
