// The knowledge: all sources, each of them at its own address, and what could come from conversations.
import { lazy } from 'react';
import { Route, Routes } from 'react-router';
import { Knowledge } from './knowledge.tsx';
import { KnowledgeSource } from './knowledge-source.tsx';

const Proposals = lazy(async () => ({ default: (await import('./proposals.tsx')).Proposals }));

export function KnowledgeSection() {
  return (
    <Routes>
      <Route index element={<Knowledge />} />
      <Route path="proposals" element={<Proposals />} />
      <Route path=":sourceId" element={<KnowledgeSource />} />
    </Routes>
  );
}
