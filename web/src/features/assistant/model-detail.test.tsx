import type { Model } from '@parley/contract/models';
import { screen } from '@testing-library/react';
import { Route, Routes } from 'react-router';
import { beforeEach, expect, test, vi } from 'vitest';
import { serve } from '../../../test/fake-server.ts';
import { aModel } from '../../../test/models.ts';
import { renderInApp } from '../../../test/render.tsx';
import { setScreen } from '../../lib/store.ts';
import { ModelDetail } from './model-detail.tsx';

beforeEach(() => {
  vi.unstubAllGlobals();
  setScreen({ language: 'en' });
});

function open(price: Model['price'], permissions = ['assistant:read', 'assistant:manage']) {
  const model = aModel({ price });
  serve({
    'GET /api/v1/models': { items: [model], nextCursor: null, builtIn: { name: 'parley/builtin' } },
    'GET /api/v1/model-incidents': { items: [], nextCursor: null },
    'GET /api/v1/model-presets': { items: [] },
  });
  const page = (
    <Routes>
      <Route path="/:modelId" element={<ModelDetail />} />
    </Routes>
  );
  return renderInApp(page, { path: `/${model.id}`, permissions });
}

test('a model without a price says what follows, and leads whoever may to the prices', async () => {
  const { unmount } = open(null);
  await screen.findByText(/Has no price: a cap on money keeps it from being asked/);
  const link = screen.getByRole('link', { name: 'Set one' });
  expect(link.getAttribute('href')).toBe('/assistant/models#prices');
  unmount();
  open(null, ['assistant:read']);
  await screen.findByText(/Has no price/);
  expect(screen.queryByRole('link', { name: 'Set one' })).toBeNull();
});

test('a price that the provider publishes says when it was read, and where to check it', async () => {
  const published = { readIn: '2026-06', page: 'https://example.com/prices' };
  open({ inputPriceMicros: 150_000, outputPriceMicros: 600_000, from: 'public', published });
  await screen.findByText(/its provider’s list of 2026-06/);
  screen.getByText(/\$0\.15 read · \$0\.60 written/);
  expect(screen.getByRole('link', { name: 'check it' }).getAttribute('href')).toBe(published.page);
});
